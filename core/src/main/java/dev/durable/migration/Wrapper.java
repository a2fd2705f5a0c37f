package dev.durable.migration;

import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a wrapper migration does, as said by a mark in one of its first lines. */
record Wrapper(String prefix, long from, long to) {

  private static final int BYTES_TO_READ = 2_000;
  private static final Pattern MARK =
      Pattern.compile(
          "^(?:--|//|<!--) durable-upgrade prefix=(\\S+) from=(\\d{1,14}) to=(\\d{14}) ",
          Pattern.MULTILINE);

  /** For a comment; the prefix may contain anything, so it is written as in a URL. */
  String mark() {
    String safe = URLEncoder.encode(prefix, StandardCharsets.UTF_8).replace("-", "%2D");
    return "durable-upgrade prefix=%s from=%s to=%s (read by the next 'durable gen-upgrade')"
        .formatted(safe, from, to);
  }

  /** The mark of a file, if it has one. */
  static Optional<Wrapper> in(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      Matcher mark = MARK.matcher(new String(in.readNBytes(BYTES_TO_READ), StandardCharsets.UTF_8));
      if (!mark.find()) {
        return Optional.empty();
      }
      return Optional.of(
          new Wrapper(
              URLDecoder.decode(mark.group(1), StandardCharsets.UTF_8),
              Long.parseLong(mark.group(2)),
              Long.parseLong(mark.group(3))));
    }
  }
}
