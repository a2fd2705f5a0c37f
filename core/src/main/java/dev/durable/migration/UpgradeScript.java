package dev.durable.migration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes a wrapper migration into the host application's own migrations, which brings Durable's
 * tables to a version and, where the tool can do that, back again:
 *
 * <pre>{@code
 * UpgradeScript.in(Path.of("src/main/resources/db/migration")).write(now);
 * }</pre>
 *
 * <p>Immutable: each option returns a changed copy.
 */
public final class UpgradeScript {

  private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMddHHmmss");

  private final Catalogue catalogue;
  private final Path folder;
  private final UpgradeFormat format;
  private final String prefix;
  private final @Nullable Long from;
  private final long to;

  private UpgradeScript(
      Catalogue catalogue,
      Path folder,
      UpgradeFormat format,
      String prefix,
      @Nullable Long from,
      long to) {
    this.catalogue = catalogue;
    this.folder = folder;
    this.format = format;
    this.prefix = prefix;
    this.from = from;
    this.to = to;
  }

  /** Begins with the folder that holds the host application's migrations. */
  public static UpgradeScript in(Path folder) {
    return new UpgradeScript(
        Catalogue.SHIPPED,
        Objects.requireNonNull(folder, "folder"),
        UpgradeFormat.FLYWAY_SQL,
        DurableMigration.DEFAULT_PREFIX,
        null,
        DurableMigration.currentVersion());
  }

  /** The same with the migrations of another library, up to its newest one. */
  UpgradeScript knowing(Catalogue other) {
    return new UpgradeScript(other, folder, format, prefix, from, other.newest());
  }

  /** The tool that it is for. Default: {@link UpgradeFormat#FLYWAY_SQL}. */
  public UpgradeScript format(UpgradeFormat tool) {
    return new UpgradeScript(
        catalogue, folder, Objects.requireNonNull(tool, "tool"), prefix, from, to);
  }

  /**
   * The PostgreSQL schema. Default {@value DurableMigration#DEFAULT_PREFIX}.
   *
   * @throws IllegalArgumentException if it is not 1 to 63 bytes of UTF-8 without NUL
   */
  public UpgradeScript prefix(String schema) {
    return new UpgradeScript(
        catalogue, folder, format, DurableMigration.requirePrefix(schema), from, to);
  }

  /**
   * The version that it starts from, usually that of the database; 0 for a database without
   * Durable. Default: where the newest earlier wrapper of the same prefix in the folder ends, else
   * 0.
   *
   * @throws IllegalArgumentException if there is no such version; the message lists the known ones
   */
  public UpgradeScript from(long version) {
    return new UpgradeScript(
        catalogue, folder, format, prefix, catalogue.requireKnownOrZero(version), to);
  }

  /**
   * The version that it leads to. Default: {@link DurableMigration#currentVersion}.
   *
   * @throws IllegalArgumentException if there is no such version; the message lists the known ones
   */
  public UpgradeScript to(long version) {
    if (version == 0) {
      throw catalogue.unknown(0);
    }
    catalogue.requireKnownOrZero(version);
    return new UpgradeScript(catalogue, folder, format, prefix, from, version);
  }

  /**
   * Writes the wrapper.
   *
   * @param now gives it its place behind the migrations that are there
   * @throws IllegalArgumentException if the folder does not exist, or the prefix cannot be written
   *     in this format
   * @throws MigrationException if there is a wrapper for this version or a newer one already, or
   *     nothing to upgrade, or the files cannot be written; nothing was written then
   */
  public Upgrade write(Instant now) {
    Objects.requireNonNull(now, "now");
    if (!Files.isDirectory(folder)) {
      throw new IllegalArgumentException(
          "There is no folder "
              + folder.toAbsolutePath().normalize()
              + ". Create it, or name the one that holds your migrations.");
    }
    format.requireWritable(prefix);
    try {
      MigrationScript script = new MigrationScript(catalogue, prefix, start(), to);
      return new Upgrade(prefix, script.start(), to, write(script.parts(), now));
    } catch (IOException failure) {
      throw new MigrationException(
          "Could not write the upgrade into " + folder + ": " + failure, failure);
    }
  }

  /** What cannot run in a transaction is a migration of its own. */
  private List<Path> write(List<MigrationScript> parts, Instant now) throws IOException {
    List<Path> written = new ArrayList<>();
    try {
      for (MigrationScript part : parts) {
        WrapperFiles files = new WrapperFiles(part, freeStamp(now));
        for (Map.Entry<String, String> file : files.texts(format, folder).entrySet()) {
          Path path = folder.resolve(file.getKey());
          written.add(Files.createFile(path));
          Files.writeString(path, file.getValue());
        }
      }
    } catch (IOException failure) {
      for (Path half : written) {
        Files.deleteIfExists(half);
      }
      throw failure;
    }
    return written;
  }

  private long start() throws IOException {
    long newest = 0;
    for (Map.Entry<Path, Wrapper> earlier : wrappers().entrySet()) {
      if (earlier.getValue().to() >= to) {
        throw new MigrationException(
            "There is an upgrade of schema \"%s\" to version %s already: %s. Run your migrations."
                .formatted(prefix, earlier.getValue().to(), earlier.getKey()),
            null);
      }
      newest = Math.max(newest, earlier.getValue().to());
    }
    long start = from == null ? newest : from;
    if (start >= to) {
      throw new MigrationException(
          "There is nothing to upgrade: schema \"%s\" is at version %s, and version %s is asked for."
              .formatted(prefix, start, to),
          null);
    }
    return start;
  }

  private SequencedMap<Path, Wrapper> wrappers() throws IOException {
    SequencedMap<Path, Wrapper> wrappers = new LinkedHashMap<>();
    for (Path file : files()) {
      Wrapper.in(file)
          .filter(wrapper -> wrapper.prefix().equals(prefix))
          .ifPresent(wrapper -> wrappers.put(file, wrapper));
    }
    return wrappers;
  }

  /** Two migrations must not share a stamp, so that of one written in this second is left out. */
  private long freeStamp(Instant now) throws IOException {
    LocalDateTime time = LocalDateTime.ofInstant(now, ZoneOffset.UTC);
    List<Path> files = files();
    while (isTaken(STAMP.format(time), files)) {
      time = time.plusSeconds(1);
    }
    return Long.parseLong(STAMP.format(time));
  }

  private static boolean isTaken(String stamp, List<Path> files) {
    return files.stream().anyMatch(file -> file.getFileName().toString().contains(stamp));
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }
}
