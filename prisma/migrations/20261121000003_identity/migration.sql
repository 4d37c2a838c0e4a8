-- AlterTable
ALTER TABLE "identities" ADD COLUMN     "source" TEXT NOT NULL DEFAULT 'slack';

-- CreateTable
CREATE TABLE "sign_ins" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "purpose" TEXT NOT NULL,
    "code_hash" BYTEA NOT NULL,
    "account" TEXT NOT NULL,
    "person_id" UUID NOT NULL,
    "grant_id" UUID,
    "leg" "leg_role",
    "minutes" INTEGER,
    "comment" TEXT,
    "browser_hash" BYTEA,
    "state" TEXT,
    "nonce" TEXT,
    "verifier" TEXT,
    "issuer" TEXT,
    "subject" TEXT,
    "shown_as" TEXT,
    "acr" TEXT,
    "auth_time" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT breakglass_now(),
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "signed_in_at" TIMESTAMPTZ(6),
    "confirmed_at" TIMESTAMPTZ(6),
    "used_at" TIMESTAMPTZ(6),

    CONSTRAINT "sign_ins_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "sign_ins_code_hash_key" ON "sign_ins"("code_hash");

-- CreateIndex
CREATE UNIQUE INDEX "sign_ins_state_key" ON "sign_ins"("state");

-- CreateIndex
CREATE INDEX "sign_ins_person_id_idx" ON "sign_ins"("person_id");

-- CreateIndex
CREATE INDEX "sign_ins_grant_id_idx" ON "sign_ins"("grant_id");

-- CreateIndex
CREATE INDEX "sign_ins_expires_at_idx" ON "sign_ins"("expires_at");

-- AddForeignKey
ALTER TABLE "sign_ins" ADD CONSTRAINT "sign_ins_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sign_ins" ADD CONSTRAINT "sign_ins_grant_id_fkey" FOREIGN KEY ("grant_id") REFERENCES "grants"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Who vouches for a name: Slack for its accounts; the file, or the person themselves, for a provider's subjects.
alter table identities
  add constraint source_vouches check ((provider = 'slack') = (source = 'slack') and source in ('slack', 'file', 'self'));

-- A code is for one purpose, is opened by one browser, and says yes once.
alter table sign_ins
  add constraint sign_in_for_a_known_purpose check (purpose in ('link', 'step_up')),
  add constraint codes_and_browsers_are_hashes check (
    octet_length(code_hash) = 32 and coalesce(octet_length(browser_hash) = 32, true)),
  add constraint step_up_is_over_a_leg check (
    (purpose = 'step_up') = (grant_id is not null) and (purpose = 'step_up') = (leg is not null)
    and (purpose = 'step_up' or (minutes is null and comment is null))),
  add constraint signed_in_as_somebody check (
    (signed_in_at is null) = (subject is null) and (signed_in_at is null) = (issuer is null)
    and (signed_in_at is not null or (acr is null and auth_time is null and shown_as is null))
    and (signed_in_at is null or browser_hash is not null)),
  add constraint sign_in_goes_forward check (
    (confirmed_at is null or signed_in_at is not null) and (used_at is null or confirmed_at is not null)),
  add constraint sign_in_is_minutes_long check (expires_at <= created_at + interval '30 minutes');

-- A sign-in that was used stays as it was until it is forgotten, and none changes whose it is.
create function guard_sign_in() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  if old.used_at is not null
     or (new.purpose, new.code_hash, new.account, new.person_id, new.grant_id, new.leg, new.minutes, new.comment)
        is distinct from
        (old.purpose, old.code_hash, old.account, old.person_id, old.grant_id, old.leg, old.minutes, old.comment)
     or (old.browser_hash is not null and new.browser_hash is distinct from old.browser_hash)
     or (old.signed_in_at is not null and (new.signed_in_at, new.issuer, new.subject, new.shown_as, new.acr, new.auth_time)
        is distinct from (old.signed_in_at, old.issuer, old.subject, old.shown_as, old.acr, old.auth_time))
     or (old.confirmed_at is not null and new.confirmed_at is distinct from old.confirmed_at) then
    raise exception 'a sign-in is used once, by one browser, for what it was made for' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger guard_sign_in before update on sign_ins for each row execute function guard_sign_in();

-- Only whoever looks across tenants: a sign-in is about a person.
grant select, insert, delete on sign_ins to breakglass_across;
grant update (browser_hash, state, nonce, verifier, issuer, subject, shown_as, acr, auth_time, expires_at, signed_in_at,
  confirmed_at, used_at) on sign_ins to breakglass_across;
alter table sign_ins enable row level security, force row level security;
create policy across on sign_ins to breakglass_across using (true) with check (true);
revoke all on all functions in schema public from public;
