/** What is said of a VPN gateway that keeps silent on a port, whoever finds it out. */
export interface NoAnswer {
  readonly code: string;
  readonly text: (remote: string) => string;
  readonly fix: string;
}

export const NO_ANSWER_500: NoAnswer = {
  code: "no-answer-500",
  text: (remote) => `${remote} does not answer on UDP 500.`,
  fix: "Open UDP 500 and 4500 in both directions to that address, and see that this host's public address is the one that Heroku has.",
};

export const NO_ANSWER_4500: NoAnswer = {
  code: "no-answer-4500",
  text: (remote) => `${remote} answers on UDP 500 but not on UDP 4500.`,
  fix: "Open UDP 4500 in both directions in every firewall between this gateway and that address.",
};
