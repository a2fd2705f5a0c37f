package dev.durable.migration;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;

/**
 * One migration of this library: a pair of SQL texts, whose statements end with a semicolon at the
 * end of a line.
 *
 * <p>Migrations after the first release are online: see {@code docs/migrations.md}.
 *
 * @param number its version, {@code YYYYMMDDHHmmss}
 * @param name what it is about
 * @param mode whether it runs in a transaction
 * @param compatibleFrom the oldest library, by its newest version, that can work on a schema with
 *     this migration
 */
record Version(long number, String name, Mode mode, long compatibleFrom) {

  /** How the way up runs. The way down always runs in a transaction. */
  enum Mode {
    /** All statements or none. */
    TRANSACTION,
    /**
     * Statement by statement, outside a transaction, for indexes that are built concurrently. Each
     * statement can be repeated, as after an interruption.
     */
    CONCURRENT
  }

  /** One that runs in a transaction, and that older libraries cannot work with. */
  Version(long number, String name) {
    this(number, name, Mode.TRANSACTION, number);
  }

  /** Every migration, oldest first. */
  static final List<Version> ALL =
      List.of(
          new Version(20260103000000L, "initial_schema"),
          new Version(20260104000000L, "workers_and_definitions"),
          new Version(20260105000000L, "control_flow"),
          new Version(20260106000000L, "waits"),
          new Version(20260107000000L, "schedules_and_queues"));

  private static final Pattern CONCURRENTLY = Pattern.compile("\\bindex\\s+concurrently\\s+");
  private static final Pattern END_OF_STATEMENT = Pattern.compile(";\\s*(\\n|\\z)\\s*");

  boolean isConcurrent() {
    return mode == Mode.CONCURRENT;
  }

  /** The way up where the tables are new: no session waits for a lock on them. */
  List<String> upFromNothing(String quotedSchema) {
    return up(quotedSchema).stream()
        .map(statement -> CONCURRENTLY.matcher(statement).replaceAll("index "))
        .toList();
  }

  List<String> up(String quotedSchema) {
    return statements("up.sql", quotedSchema);
  }

  List<String> down(String quotedSchema) {
    return statements("down.sql", quotedSchema);
  }

  /** SHA-256 of the text as shipped, before the schema's name is put in. */
  String checksum() {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(text("up.sql").getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException everyJvmHasIt) {
      throw new IllegalStateException(everyJvmHasIt);
    }
  }

  private List<String> statements(String file, String quotedSchema) {
    return Arrays.stream(END_OF_STATEMENT.split(text(file)))
        .map(statement -> statement.strip().replace("${schema}", quotedSchema))
        .toList();
  }

  private String text(String file) {
    String resource = number + "_" + name + "/" + file;
    try (InputStream in = Version.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("The jar lacks the migration " + resource);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
