-- CreateEnum
CREATE TYPE "card_subject" AS ENUM ('grant', 'review');

-- AlterTable
ALTER TABLE "audit_events" ADD COLUMN     "tx" BIGINT NOT NULL DEFAULT ((pg_current_xact_id())::text)::bigint;

-- AlterTable
ALTER TABLE "posted_messages" DROP CONSTRAINT "posted_messages_pkey",
ADD COLUMN     "subject" "card_subject" NOT NULL DEFAULT 'grant',
ADD CONSTRAINT "posted_messages_pkey" PRIMARY KEY ("grant_id", "subject", "destination");

-- AlterTable
ALTER TABLE "reviews" ADD COLUMN     "reminded_at" TIMESTAMPTZ(6),
ADD COLUMN     "version" INTEGER NOT NULL DEFAULT 1;

-- CreateTable
CREATE TABLE "attachments" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "grant_id" UUID NOT NULL,
    "tenant_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "links" TEXT[],
    "content" TEXT NOT NULL,
    "sha256" BYTEA NOT NULL,
    "late" BOOLEAN NOT NULL,
    "added_by" TEXT NOT NULL,
    "added_at" TIMESTAMPTZ(6) NOT NULL DEFAULT breakglass_now(),

    CONSTRAINT "attachments_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_leaves" (
    "leaf" BIGINT NOT NULL,
    "event_id" BIGINT NOT NULL,
    "hash" BYTEA NOT NULL,
    "tenant_id" UUID,
    "tenant_leaf" BIGINT,

    CONSTRAINT "audit_leaves_pkey" PRIMARY KEY ("leaf")
);

-- CreateTable
CREATE TABLE "audit_nodes" (
    "id" BIGSERIAL NOT NULL,
    "tenant_id" UUID,
    "level" SMALLINT NOT NULL,
    "index" BIGINT NOT NULL,
    "hash" BYTEA NOT NULL,

    CONSTRAINT "audit_nodes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "checkpoints" (
    "id" BIGSERIAL NOT NULL,
    "tenant_id" UUID,
    "size" BIGINT NOT NULL,
    "root" BYTEA NOT NULL,
    "note" TEXT NOT NULL,
    "frontier" BYTEA NOT NULL,
    "horizon" BIGINT NOT NULL,
    "server" TEXT NOT NULL,
    "posted" BOOLEAN NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL DEFAULT breakglass_now(),

    CONSTRAINT "checkpoints_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "seal_keys" (
    "verifier_key" TEXT NOT NULL,
    "since" TIMESTAMPTZ(6) NOT NULL DEFAULT breakglass_now(),

    CONSTRAINT "seal_keys_pkey" PRIMARY KEY ("verifier_key")
);

-- CreateIndex
CREATE INDEX "attachments_grant_id_idx" ON "attachments"("grant_id");

-- CreateIndex
CREATE INDEX "attachments_tenant_id_idx" ON "attachments"("tenant_id");

-- CreateIndex
CREATE UNIQUE INDEX "audit_leaves_event_id_key" ON "audit_leaves"("event_id");

-- CreateIndex
CREATE UNIQUE INDEX "audit_leaves_tenant_id_tenant_leaf_key" ON "audit_leaves"("tenant_id", "tenant_leaf");

-- CreateIndex
CREATE UNIQUE INDEX "audit_nodes_tenant_id_level_index_key" ON "audit_nodes"("tenant_id", "level", "index");

-- CreateIndex
CREATE UNIQUE INDEX "checkpoints_tenant_id_size_posted_key" ON "checkpoints"("tenant_id", "size", "posted");

-- AddForeignKey
ALTER TABLE "attachments" ADD CONSTRAINT "attachments_grant_id_tenant_id_fkey" FOREIGN KEY ("grant_id", "tenant_id") REFERENCES "grants"("id", "tenant_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- CreateIndex
CREATE INDEX "audit_events_tx_idx" ON "audit_events" USING BRIN ("tx") WITH (pages_per_range = 32, autosummarize = on);

-- The tree of everything has no tenant, and is one tree all the same.
drop index audit_nodes_tenant_id_level_index_key;
create unique index audit_nodes_tenant_id_level_index_key on audit_nodes (tenant_id, level, index) nulls not distinct;
drop index checkpoints_tenant_id_size_posted_key;
create unique index checkpoints_tenant_id_size_posted_key on checkpoints (tenant_id, size, posted) nulls not distinct;
-- Those that were sent to people, found without walking through the others.
create index checkpoints_posted on checkpoints (tenant_id, id) where posted;
-- Reviews that nobody has answered, excused or not.
create index reviews_unanswered on reviews (grant_id) where reviewed_at is null;

-- Sealed history and what was handed in stay as they are, like the audit rows themselves. For each statement, so that one
-- which finds no row in its scope is told so too.
create function guard_kept() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
  raise exception '% rows are never changed or removed', tg_table_name using errcode = 'insufficient_privilege';
end $$;
do $$
declare name text;
begin
  foreach name in array array['attachments', 'audit_leaves', 'audit_nodes', 'checkpoints', 'seal_keys'] loop
    execute format('create trigger guard_kept before update or delete or truncate on %I for each statement
      execute function guard_kept()', name);
  end loop;
end $$;

alter table audit_leaves
  add constraint leaf_is_a_hash check (octet_length(hash) = 32 and leaf >= 0),
  add constraint tenants_count_their_leaves check (
    (tenant_id is null) = (tenant_leaf is null) and coalesce(tenant_leaf >= 0, true));
alter table audit_nodes add constraint node_is_a_hash check (octet_length(hash) = 32 and level > 0 and level % 8 = 0);
alter table checkpoints add constraint checkpoint_has_a_root check (octet_length(root) = 32 and size > 0);
-- Bytes: what people and services hand in is text or JSON, not files.
alter table attachments
  add constraint attachment_of_a_known_kind check (kind in ('note', 'log_lines', 'snapshot_before', 'snapshot_after')),
  add constraint attachment_has_a_title check (char_length(title) between 1 and 200),
  add constraint attachment_fits check (octet_length(content) <= 262144 and coalesce(cardinality(links), 0) <= 10),
  add constraint attachment_is_what_was_hashed check (sha256 = sha256(convert_to(content, 'UTF8')));
alter table reviews add constraint review_card_counts_up check (version >= 1);

-- Keys of auditors read the audit trail; those of services ask whether somebody has access.
alter table api_keys drop constraint key_has_a_known_role;
alter table api_keys add constraint key_has_a_known_role check (role in ('service', 'auditor'));

-- Who may see and do what: as in the migrations before.
grant select on audit_leaves, audit_nodes, checkpoints, attachments to breakglass_app;
grant insert on attachments to breakglass_app;
grant update (reminded_at, version) on reviews to breakglass_app, breakglass_across;
grant select, insert on audit_leaves, audit_nodes, checkpoints, seal_keys to breakglass_across;
grant select on attachments to breakglass_across;
grant usage on sequence audit_nodes_id_seq, checkpoints_id_seq to breakglass_across;
do $$
declare name text;
begin
  foreach name in array array['attachments', 'audit_leaves', 'audit_nodes', 'checkpoints'] loop
    execute format('alter table %I enable row level security, force row level security', name);
    execute format('create policy across on %I to breakglass_across using (true) with check (true)', name);
  end loop;
  foreach name in array array['audit_leaves', 'audit_nodes', 'checkpoints'] loop
    execute format('create policy own_tenant on %I for select using (tenant_id = (select current_tenant()))', name);
  end loop;
  create policy own_tenant on attachments using (tenant_id = (select current_tenant()))
    with check (tenant_id = (select current_tenant()));
end $$;
revoke all on all functions in schema public from public;
