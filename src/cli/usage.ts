/** What the command line can do, on one screen. */
export const usage = `Usage: breakglass COMMAND

  migrate                        bring the database up to date (MIGRATE_DATABASE_URL, the owner's)
  config check [FILE]            check the configuration; with SLACK_BOT_TOKEN, also what it says of Slack
  config explain --scope S --tenant T --operator U [FILE]
                                 who could approve now, who would be told, how long it may last
  config reload                  have every running bot on this database read its file again (or: kill -HUP)
  notices dead                   what could not be delivered and was given up: number, since when, where, what, why
  notices requeue ID... | --all  send dead notices again, marked as late
  key create NAME --tenants T,... --subjects P,... --actions A,... [--default-tenant T] [--days 90] [--per-second 1000]
                                 make a key for a service that asks for access; all of a sort: all. Shown once, on stdout
  key create NAME --role auditor --tenants T,... [--days 90] [--per-second 1000]
                                 make a key that reads the audit trail of these tenants; of everything: all
  seal new-key NAME              make a key to seal the audit trail with, for AUDIT_SIGNING_KEY; NAME is the history's, and stays
  seal status                    how far the audit trail is sealed, its newest checkpoint, the keys that signed
  key list                       every key, what it may ask about, until when
  key revoke NAME                end a key, at once
  evidence --grant ID | --from T --to T [--tenant T] [--out FILE] [--force]
                                 a bundle of evidence for auditors, signed with AUDIT_SIGNING_KEY: of one access, or of a window of time
  verify [--key KEY | --key-file F]... [--checkpoint FILE]... [--json]
                                 verify the database: the sealed audit trail, and the tables against it. Without --key, the
                                 public halves of AUDIT_SIGNING_KEY and AUDIT_PREVIOUS_KEYS are trusted
  verify FILE --key KEY | --key-file F [--checkpoint FILE]... [--json]
                                 verify such a bundle with the public key; exit code 3 where nothing could be looked at
  help                           this text

FILE is CONFIG_FILE where it is not given. Exit codes: 0 all well (warnings are printed), 1 a refusal or a failure, 2 wrong use, 78 wrong configuration.
`;
