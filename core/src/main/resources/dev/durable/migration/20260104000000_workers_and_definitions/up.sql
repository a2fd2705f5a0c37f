-- One row for each running process; its id is never reused.
create table ${schema}.workers (
  id uuid primary key,
  name text not null,
  queues jsonb not null,
  definitions jsonb not null,
  -- What it claims, as name@version#fingerprint; null when it claims nothing more.
  editions text[],
  lease interval not null,
  started_at timestamptz not null,
  heartbeat_at timestamptz not null,
  dead_at timestamptz,
  drained boolean not null default false
) with (fillfactor = 50);

create table ${schema}.workflow_definitions (
  name text not null,
  version int not null,
  fingerprint text not null,
  graph jsonb not null,
  -- What it has at each path, for comparing with another definition of the same version.
  shape jsonb,
  queue text not null,
  timeout interval,
  first_seen_at timestamptz not null,
  -- When a worker has brought it last; null if only clients have it.
  registered_at timestamptz,
  primary key (name, version, fingerprint)
);

-- Every queue that a worker has ever worked on.
create table ${schema}.queues (
  name text primary key,
  first_seen_at timestamptz not null
);
