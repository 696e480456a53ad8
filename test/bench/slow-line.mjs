// `node slow-line.mjs PORT DELAY`: listens on a port, which it prints, and forwards data to PORT of this
// machine and back, with DELAY milliseconds each way.
import { connect, createServer } from "node:net";

const [port, delay] = process.argv.slice(2).map(Number);

function later(from, to) {
  from.on("data", (data) => setTimeout(() => to.write(data), delay));
  from.on("end", () => setTimeout(() => to.end(), delay));
  from.on("error", () => to.destroy());
}

const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
  const far = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
  later(near, far);
  later(far, near);
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
