/** The ssh2 internals that answers are taken from; tests check that they exist. */
export interface Answering {
  _handlers: {
    USERAUTH_FAILURE(protocol: unknown, left: string[], partial: boolean): void;
    USERAUTH_SUCCESS(protocol: unknown): void;
  };
}

/**
 * The first request of a login, sent with that for the service, before ssh2 asks for it. ssh2 expects an
 * answer to what it asked for, so a refusal waits until then.
 */
export class EarlyRequest {
  #isAsked = false;
  #refuse: (() => void) | undefined;
  #loggedIn = false;

  /** Make this when the request is sent. */
  constructor({ _handlers: handlers }: Answering) {
    const { USERAUTH_FAILURE: refused, USERAUTH_SUCCESS: accepted } = handlers;
    handlers.USERAUTH_FAILURE = (...answer) => {
      handlers.USERAUTH_FAILURE = refused;
      if (this.#isAsked) refused(...answer);
      else this.#refuse = () => refused(...answer);
    };
    handlers.USERAUTH_SUCCESS = (protocol) => {
      this.#loggedIn = true;
      accepted(protocol);
    };
  }

  /** Nothing more may be asked for. */
  get loggedIn(): boolean {
    return this.#loggedIn;
  }

  /** ssh2 asks for it. */
  ask(): void {
    this.#isAsked = true;
    if (this.#refuse !== undefined) process.nextTick(this.#refuse);
  }
}
