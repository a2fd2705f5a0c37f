package dev.durable.migration;

/**
 * The statements around the migrations of one prefix: the lock, the schema, and the table that says
 * which versions it has. Every door runs these same texts.
 *
 * @param prefix the schema's plain name
 */
record Tracking(String prefix) {

  static final String TABLE = "durable_schema_migrations";

  static final String LOCK_TIMEOUT = "3s";

  /** The schema's name as SQL. */
  String schema() {
    return '"' + prefix.replace("\"", "\"\"") + '"';
  }

  private String table() {
    return schema() + "." + TABLE;
  }

  /** Two migrations at once wait for each other until the first one's transaction ends. */
  String lock() {
    return "select pg_catalog.pg_advisory_xact_lock(" + key() + ")";
  }

  /**
   * The same for a session whose lock timeout is this one: it is not meant for the wait for another
   * migration, which takes as long as it takes, and nothing else ever holds that lock.
   */
  String lockPatiently(String lockTimeout) {
    return "set local lock_timeout = 0; %s; set local lock_timeout = %s"
        .formatted(lock(), literal(lockTimeout));
  }

  /** Whether the lock was free, and is held now until the transaction ends. */
  String tryLock() {
    return "select pg_catalog.pg_try_advisory_xact_lock(" + key() + ")";
  }

  /** The same until {@link #unlockSession}, for what runs outside a transaction. */
  String tryLockSession() {
    return "select pg_catalog.pg_try_advisory_lock(" + key() + ")";
  }

  String unlockSession() {
    return "select pg_catalog.pg_advisory_unlock(" + key() + ")";
  }

  /** For a script, which cannot try again. */
  String lockSessionOrFail() {
    return block(
        """
        begin
          if not pg_catalog.pg_try_advisory_lock(%s) then
            raise exception 'Another migration of Durable schema %% is running. Try again when it has ended.',
              %s;
          end if;
        end
        """
            .formatted(key(), literal(schema())));
  }

  private String key() {
    return "pg_catalog.hashtextextended("
        + literal("dev.durable.migration:" + prefix)
        + "::text, 0::bigint)";
  }

  /**
   * How long a statement may wait for a table: whatever comes after it waits as long. What the
   * session has set is left as it is.
   */
  String limitLockWaits() {
    return """
    select pg_catalog.set_config('lock_timeout', '%s', true)
    where pg_catalog.current_setting('lock_timeout') operator(pg_catalog.=) '0'"""
        .formatted(LOCK_TIMEOUT);
  }

  /** An interrupted build leaves an index that is maintained and never used. */
  String dropIfInvalid(String index) {
    return block(
        """
        begin
          if exists (select from pg_catalog.pg_index i
                     join pg_catalog.pg_class c on c.oid = i.indexrelid
                     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                     where n.nspname = %s and c.relname = %s and not i.indisvalid) then
            perform pg_catalog.set_config('lock_timeout', '%s', true);
            drop index %s;
          end if;
        end
        """
            .formatted(
                literal(prefix), literal(index), LOCK_TIMEOUT, schema() + ".\"" + index + '"'));
  }

  /**
   * Not {@code if not exists}, which asks for a right on the database even if the schema exists.
   */
  String createSchema() {
    return block(
        """
        begin
          if not exists (select from pg_namespace where nspname = %s) then
            create schema %s;
          end if;
        end
        """
            .formatted(literal(prefix), schema()));
  }

  String createTable() {
    return """
    create table if not exists %s (
      version bigint primary key,
      checksum text not null,
      inserted_at timestamptz not null,
      compatible_from bigint
    )"""
        .formatted(table());
  }

  /** Refuses to go on if the schema is not at the version that a script starts from. */
  String require(long version) {
    return block(
        """
        declare
          found_version bigint := (select coalesce(max(version), 0) from %s);
        begin
          if found_version <> %s then
            raise exception 'Durable schema %% is at version %%; this script starts from version %%.',
              %s, found_version, %s;
          end if;
        end
        """
            .formatted(table(), version, literal(schema()), version));
  }

  String record(Version version) {
    return "insert into %s (version, checksum, inserted_at, compatible_from)\n  values (%s, '%s', now(), %s)"
        .formatted(table(), version.number(), version.checksum(), version.compatibleFrom());
  }

  String forget(Version version) {
    return "delete from %s where version = %s".formatted(table(), version.number());
  }

  String dropTable() {
    return "drop table " + table();
  }

  /** Only if nothing of any kind lives in it, it is not everybody's, and the role may drop it. */
  String dropSchemaIfEmpty() {
    return block(
        """
        begin
          if exists (select from pg_namespace n
                     where n.nspname = %s and n.nspname <> 'public' and pg_has_role(n.nspowner, 'usage')
                       and not exists (select from pg_depend d
                                       where d.refclassid = 'pg_namespace'::regclass
                                         and d.refobjid = n.oid)) then
            drop schema %s;
          end if;
        end
        """
            .formatted(literal(prefix), schema()));
  }

  /** The columns version, checksum and compatible_from of what has been applied, ascending. */
  String applied() {
    return "select version, checksum, coalesce(compatible_from, version) from "
        + table()
        + " order by version";
  }

  /** Has a row if the table exists. */
  String exists() {
    return """
    select from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = %s and c.relname = '%s'"""
        .formatted(literal(prefix), TABLE);
  }

  /** The prefix may contain anything, the mark of a dollar quote too. */
  private static String block(String body) {
    String mark = "$durable$";
    for (int i = 2; body.contains(mark); i++) {
      mark = "$durable" + i + "$";
    }
    return "do " + mark + "\n" + body + mark;
  }

  /** Correct whatever {@code standard_conforming_strings} is. */
  private static String literal(String value) {
    String quoted = "'" + value.replace("'", "''").replace("\\", "\\\\") + "'";
    return value.contains("\\") ? " E" + quoted : quoted;
  }
}
