/** Slack's limits, in characters unless said otherwise (docs.slack.dev, Block Kit reference). */
export const limits = {
  modalTitle: 24,
  sectionText: 3000,
  fieldText: 2000,
  fields: 10,
  headerText: 150,
  buttonText: 75,
  optionText: 75,
  optionDescription: 75,
  options: 100,
  inputText: 3000,
  confirmTitle: 100,
  confirmText: 300,
  /** All blocks of a message together; Slack refuses from about 13,000 on. */
  messageBlocks: 12_000,
  messageText: 4000,
} as const;
