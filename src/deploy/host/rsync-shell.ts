// rsync's remote shell: passes its arguments and streams to the process that holds the connection.
// Arguments: the socket of that process, the host (not needed), the command.
import { connect } from "node:net";

const [socket = "", , ...words] = process.argv.slice(2);
const connection = connect(socket);
connection.write(`${JSON.stringify(words)}\n`);
process.stdin.pipe(connection);
connection.pipe(process.stdout);
connection.on("error", (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 255;
});
connection.on("close", () => process.stdin.destroy());
