package dev.durable.migration;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * One migration of this library: a pair of SQL texts.
 *
 * @param number its version, {@code YYYYMMDDHHmmss}
 * @param name what it is about
 */
record Version(long number, String name) {

  /** Every migration, oldest first. */
  static final List<Version> ALL =
      List.of(
          new Version(20260103000000L, "initial_schema"),
          new Version(20260104000000L, "nodes_and_definitions"));

  String up(String quotedSchema) {
    return text("up.sql").replace("${schema}", quotedSchema);
  }

  String down(String quotedSchema) {
    return text("down.sql").replace("${schema}", quotedSchema);
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
