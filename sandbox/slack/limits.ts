/**
 * Slack's limits, in characters unless the name says otherwise (UTF-16 units of the string as sent, which is never
 * laxer than Slack's own count). Source: the Block Kit reference; `blocksTogether` is undocumented and comes from
 * slackapi/bolt-js issues 2509 and 2867 (about 13,200 characters of blocks, containers counted).
 */
export const LIMITS = {
  messageText: 40_000,
  uploadBytes: 1024 * 1024 * 1024,
  messageBlocks: 50,
  blocksTogether: 13_000,
  viewBlocks: 100,
  viewBytes: 250 * 1024,
  viewStack: 3,
  viewTitle: 24,
  viewSubmit: 24,
  viewClose: 24,
  privateMetadata: 3_000,
  callbackId: 255,
  externalId: 255,
  blockId: 255,
  actionId: 255,
  textObject: 3_000,
  sectionText: 3_000,
  sectionFields: 10,
  sectionField: 2_000,
  header: 150,
  contextElements: 10,
  actionsElements: 25,
  buttonText: 75,
  buttonValue: 2_000,
  buttonUrl: 3_000,
  accessibilityLabel: 75,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
  options: 100,
  optionGroups: 100,
  optionGroupLabel: 75,
  choiceOptions: 10,
  overflowOptions: 5,
  optionText: 75,
  optionDescription: 75,
  optionValue: 75,
  optionUrl: 3_000,
  placeholder: 150,
  inputLabel: 2_000,
  inputHint: 2_000,
  plainTextInput: 3_000,
  imageUrl: 3_000,
  altText: 2_000,
  imageTitle: 2_000,
  errorText: 2_000,
} as const;

/** How long things live, in milliseconds. */
export const LIVES = {
  ackMs: 3_000,
  triggerMs: 3_000,
  responseUrlMs: 30 * 60_000,
} as const;

export const RESPONSE_URL_USES = 5;
export const SOCKET_CONNECTIONS = 10;
