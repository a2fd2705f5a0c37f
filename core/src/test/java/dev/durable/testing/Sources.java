package dev.durable.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The Java sources of the modules, read from the folders beside the module under test. */
public final class Sources {

  private static final Path MAIN = Path.of("src", "main", "java");

  private Sources() {}

  /** The folders with the main sources of all modules. */
  public static List<Path> modules() {
    return list(Path.of("..")).stream()
        .map(module -> module.resolve(MAIN))
        .filter(Files::isDirectory)
        .toList();
  }

  /** The files of the tested module itself below a package's folder. */
  public static List<Path> below(String folder) {
    return files(MAIN.resolve(folder));
  }

  /** The Java files below a folder. */
  public static List<Path> files(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(file -> file.toString().endsWith(".java")).sorted().toList();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** The packages that the tested module exports, as its declaration lists them. */
  public static String[] exported() {
    return Pattern.compile("(?m)^ *exports ([\\w.]+);")
        .matcher(read(MAIN.resolve("module-info.java")))
        .results()
        .map(line -> line.group(1))
        .toArray(String[]::new);
  }

  public static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** The lines of code: without blank lines, comments, the package and imports. */
  public static long codeLines(Path file) {
    return withoutComments(read(file))
        .lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("//"))
        .filter(line -> !line.startsWith("package ") && !line.startsWith("import "))
        .count();
  }

  /** The same lines, those of block comments blank. */
  static String withoutComments(String code) {
    return Pattern.compile("(?ms)^ */\\*.*?\\*/")
        .matcher(code)
        .replaceAll(comment -> "\n".repeat((int) comment.group().lines().count() - 1));
  }

  private static List<Path> list(Path folder) {
    try (Stream<Path> all = Files.list(folder)) {
      return all.sorted().toList();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
