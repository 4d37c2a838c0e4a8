-- CreateEnum
CREATE TYPE "kind" AS ENUM ('break_glass', 'support_access');

-- CreateEnum
CREATE TYPE "grant_state" AS ENUM ('requested', 'active', 'ended', 'revoked', 'expired', 'denied', 'withdrawn', 'lapsed');

-- CreateEnum
CREATE TYPE "leg_role" AS ENUM ('owner', 'ops', 'security');

-- CreateEnum
CREATE TYPE "verdict" AS ENUM ('approved', 'denied');

-- CreateEnum
CREATE TYPE "notice_state" AS ENUM ('waiting', 'delivered', 'dead');

-- CreateTable
CREATE TABLE "tenants" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "key" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "channel" TEXT,
    "channel_shared" BOOLEAN NOT NULL DEFAULT false,
    "owners_changed_at" TIMESTAMPTZ(6),
    "archived_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT breakglass_now(),

    CONSTRAINT "tenants_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "people" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT breakglass_now(),

    CONSTRAINT "people_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "identities" (
    "provider" TEXT NOT NULL,
    "issuer" TEXT NOT NULL,
    "external_id" TEXT NOT NULL,
    "person_id" UUID NOT NULL,
    "standing" TEXT,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT breakglass_now(),

    CONSTRAINT "identities_pkey" PRIMARY KEY ("provider","issuer","external_id")
);

-- CreateTable
CREATE TABLE "owners" (
    "tenant_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "guest_allowed" BOOLEAN NOT NULL DEFAULT false,
    "since" TIMESTAMPTZ(6) NOT NULL DEFAULT breakglass_now(),

    CONSTRAINT "owners_pkey" PRIMARY KEY ("tenant_id","person_id")
);

-- CreateTable
CREATE TABLE "grants" (
    "id" UUID NOT NULL,
    "tenant_id" UUID NOT NULL,
    "kind" "kind" NOT NULL,
    "scope" TEXT NOT NULL,
    "circumstance" TEXT,
    "requester_id" UUID NOT NULL,
    "reason" TEXT NOT NULL,
    "ticket" TEXT NOT NULL,
    "minutes_asked" INTEGER NOT NULL,
    "minutes_granted" INTEGER NOT NULL,
    "required_legs" "leg_role"[],
    "waived" BOOLEAN NOT NULL DEFAULT false,
    "group_members" JSONB NOT NULL DEFAULT '{}',
    "policy_hash" TEXT NOT NULL,
    "outside" BOOLEAN NOT NULL DEFAULT false,
    "provider_operator" BOOLEAN NOT NULL DEFAULT false,
    "state" "grant_state" NOT NULL DEFAULT 'requested',
    "requested_at" TIMESTAMPTZ(6) NOT NULL,
    "lapses_at" TIMESTAMPTZ(6) NOT NULL,
    "activated_at" TIMESTAMPTZ(6),
    "expires_at" TIMESTAMPTZ(6),
    "closed_at" TIMESTAMPTZ(6),
    "closed_by" UUID,
    "close_reason" TEXT,
    "closed_outside" BOOLEAN NOT NULL DEFAULT false,
    "version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "grants_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "legs" (
    "grant_id" UUID NOT NULL,
    "role" "leg_role" NOT NULL,
    "tenant_id" UUID NOT NULL,
    "verdict" "verdict",
    "person_id" UUID,
    "decided_at" TIMESTAMPTZ(6),
    "minutes" INTEGER,
    "comment" TEXT,
    "outside" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "legs_pkey" PRIMARY KEY ("grant_id","role")
);

-- CreateTable
CREATE TABLE "reviews" (
    "grant_id" UUID NOT NULL,
    "tenant_id" UUID NOT NULL,
    "operator_id" UUID NOT NULL,
    "due_at" TIMESTAMPTZ(6) NOT NULL,
    "reviewed_at" TIMESTAMPTZ(6),
    "reviewer_id" UUID,
    "answers" JSONB,
    "excused_at" TIMESTAMPTZ(6),
    "excused_by" UUID,
    "excuse_reason" TEXT,

    CONSTRAINT "reviews_pkey" PRIMARY KEY ("grant_id")
);

-- CreateTable
CREATE TABLE "posted_messages" (
    "grant_id" UUID NOT NULL,
    "destination" TEXT NOT NULL,
    "tenant_id" UUID NOT NULL,
    "channel" TEXT NOT NULL,
    "ts" TEXT NOT NULL,
    "version_shown" INTEGER NOT NULL,

    CONSTRAINT "posted_messages_pkey" PRIMARY KEY ("grant_id","destination")
);

-- CreateTable
CREATE TABLE "outbox" (
    "id" BIGSERIAL NOT NULL,
    "destination" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "tenant_id" UUID,
    "grant_id" UUID,
    "payload" JSONB NOT NULL,
    "request_id" TEXT NOT NULL,
    "state" "notice_state" NOT NULL DEFAULT 'waiting',
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT breakglass_now(),
    "not_before" TIMESTAMPTZ(6) NOT NULL DEFAULT breakglass_now(),
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "last_error" TEXT,
    "settled_at" TIMESTAMPTZ(6),
    "slack_ts" TEXT,
    "requeued_at" TIMESTAMPTZ(6),

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "lanes" (
    "destination" TEXT NOT NULL,
    "token" BIGINT NOT NULL DEFAULT 0,
    "leased_until" TIMESTAMPTZ(6),
    "next_at" TIMESTAMPTZ(6) NOT NULL DEFAULT breakglass_now(),

    CONSTRAINT "lanes_pkey" PRIMARY KEY ("destination")
);

-- CreateTable
CREATE TABLE "audit_events" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL DEFAULT breakglass_now(),
    "action" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "tenant_id" UUID,
    "grant_id" UUID,
    "request_id" TEXT NOT NULL,
    "details" JSONB NOT NULL,
    "entry" TEXT NOT NULL DEFAULT '',

    CONSTRAINT "audit_events_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "policies" (
    "hash" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT breakglass_now(),

    CONSTRAINT "policies_pkey" PRIMARY KEY ("hash")
);

-- CreateTable
CREATE TABLE "policy_epochs" (
    "epoch" SERIAL NOT NULL,
    "hash" TEXT NOT NULL,
    "adopted_at" TIMESTAMPTZ(6) NOT NULL DEFAULT breakglass_now(),

    CONSTRAINT "policy_epochs_pkey" PRIMARY KEY ("epoch")
);

-- CreateTable
CREATE TABLE "handled_requests" (
    "actor" TEXT NOT NULL,
    "verb" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "body_hash" TEXT NOT NULL,
    "outcome" JSONB NOT NULL,
    "at" TIMESTAMPTZ(6) NOT NULL DEFAULT breakglass_now(),

    CONSTRAINT "handled_requests_pkey" PRIMARY KEY ("actor","verb","key")
);

-- CreateTable
CREATE TABLE "schedules" (
    "name" TEXT NOT NULL,
    "checked_until" TIMESTAMPTZ(6) NOT NULL,
    "last_run_at" TIMESTAMPTZ(6),

    CONSTRAINT "schedules_pkey" PRIMARY KEY ("name")
);

-- CreateIndex
CREATE UNIQUE INDEX "tenants_key_key" ON "tenants"("key");

-- CreateIndex
CREATE UNIQUE INDEX "identities_person_id_provider_key" ON "identities"("person_id", "provider");

-- CreateIndex
CREATE INDEX "owners_person_id_idx" ON "owners"("person_id");

-- CreateIndex
CREATE INDEX "grants_requested_at_idx" ON "grants"("requested_at");

-- CreateIndex
CREATE INDEX "grants_tenant_id_requested_at_idx" ON "grants"("tenant_id", "requested_at");

-- CreateIndex
CREATE INDEX "grants_requester_id_requested_at_idx" ON "grants"("requester_id", "requested_at");

-- CreateIndex
CREATE UNIQUE INDEX "grants_id_tenant_id_key" ON "grants"("id", "tenant_id");

-- CreateIndex
CREATE INDEX "legs_tenant_id_idx" ON "legs"("tenant_id");

-- CreateIndex
CREATE INDEX "reviews_tenant_id_idx" ON "reviews"("tenant_id");

-- CreateIndex
CREATE UNIQUE INDEX "reviews_grant_id_tenant_id_key" ON "reviews"("grant_id", "tenant_id");

-- CreateIndex
CREATE INDEX "posted_messages_tenant_id_idx" ON "posted_messages"("tenant_id");

-- CreateIndex
CREATE INDEX "outbox_tenant_id_idx" ON "outbox"("tenant_id");

-- CreateIndex
CREATE INDEX "outbox_grant_id_idx" ON "outbox"("grant_id");

-- CreateIndex
CREATE INDEX "audit_events_tenant_id_id_idx" ON "audit_events"("tenant_id", "id");

-- CreateIndex
CREATE INDEX "audit_events_grant_id_idx" ON "audit_events"("grant_id");

-- CreateIndex
CREATE INDEX "audit_events_at_idx" ON "audit_events"("at");

-- CreateIndex
CREATE INDEX "handled_requests_at_idx" ON "handled_requests"("at");

-- AddForeignKey
ALTER TABLE "identities" ADD CONSTRAINT "identities_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "owners" ADD CONSTRAINT "owners_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "owners" ADD CONSTRAINT "owners_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "grants" ADD CONSTRAINT "grants_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "grants" ADD CONSTRAINT "grants_requester_id_fkey" FOREIGN KEY ("requester_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "grants" ADD CONSTRAINT "grants_closed_by_fkey" FOREIGN KEY ("closed_by") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "grants" ADD CONSTRAINT "grants_policy_hash_fkey" FOREIGN KEY ("policy_hash") REFERENCES "policies"("hash") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "legs" ADD CONSTRAINT "legs_grant_id_tenant_id_fkey" FOREIGN KEY ("grant_id", "tenant_id") REFERENCES "grants"("id", "tenant_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "legs" ADD CONSTRAINT "legs_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reviews" ADD CONSTRAINT "reviews_grant_id_tenant_id_fkey" FOREIGN KEY ("grant_id", "tenant_id") REFERENCES "grants"("id", "tenant_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reviews" ADD CONSTRAINT "reviews_operator_id_fkey" FOREIGN KEY ("operator_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reviews" ADD CONSTRAINT "reviews_reviewer_id_fkey" FOREIGN KEY ("reviewer_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reviews" ADD CONSTRAINT "reviews_excused_by_fkey" FOREIGN KEY ("excused_by") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "posted_messages" ADD CONSTRAINT "posted_messages_grant_id_tenant_id_fkey" FOREIGN KEY ("grant_id", "tenant_id") REFERENCES "grants"("id", "tenant_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "policy_epochs" ADD CONSTRAINT "policy_epochs_hash_fkey" FOREIGN KEY ("hash") REFERENCES "policies"("hash") ON DELETE RESTRICT ON UPDATE CASCADE;
