package dev.durable.programs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Another compiler than javac; it is on the class path in the profile {@code compilers} only. */
enum OtherCompiler {
  ECLIPSE(
      "java", "org.eclipse.jdt.internal.compiler.batch.Main", "-nowarn -proc:none --release 21") {
    @Override
    String good() {
      return Programs.source(Programs.good());
    }

    @Override
    List<Program> wrong() {
      return Programs.wrong().stream().map(OtherCompiler::withoutCause).toList();
    }

    @Override
    String source(Program wrong, String packageName) {
      return "package " + packageName + ";\n" + Programs.source(List.of(wrong));
    }
  },
  KOTLIN(
      "kt",
      "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler",
      "-nowarn -no-stdlib -no-reflect -jvm-target 21"),
  SCALA("scala", "dotty.tools.dotc.Main", "-nowarn -color:never -release:21");

  private static final Pattern PLACE = Pattern.compile("(\\w+\\.\\w+)(?::\\d+:\\d+| \\(at line)");

  private final String ending;
  private final String main;
  private final String options;

  OtherCompiler(String ending, String main, String options) {
    this.ending = ending;
    this.main = main;
    this.options = options;
  }

  /** The source of the good programs. */
  String good() throws IOException {
    return resource("good." + ending);
  }

  List<Program> wrong() throws IOException {
    return Programs.table(resource("wrong." + ending + ".txt"));
  }

  /** The source of a wrong program, which sees what the good ones declare and import. */
  String source(Program wrong, String packageName) throws IOException {
    String imports =
        good().lines().filter(line -> line.startsWith("import ")).collect(Collectors.joining("\n"));
    return "package %s%n%s%nimport shop.*%n%s%n".formatted(packageName, imports, wrong.text());
  }

  /**
   * Compiles sources against the API, in a process of its own.
   *
   * @param sources by name
   * @return the errors by name; what belongs to no source is under the empty name, if it failed
   */
  Map<String, String> errors(Path folder, Map<String, String> sources)
      throws IOException, InterruptedException {
    String classPath = System.getProperty("java.class.path");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx1g", "-XX:TieredStopAtLevel=1", "-cp", classPath, main));
    command.addAll(List.of(options.split(" ", -1)));
    command.addAll(List.of("-d", Files.createDirectory(folder.resolve("classes")).toString()));
    command.addAll(List.of("-classpath", classPath));
    for (Map.Entry<String, String> source : sources.entrySet()) {
      Path file = folder.resolve(source.getKey() + "." + ending);
      command.add(Files.writeString(file, source.getValue()).toString());
    }
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    Map<String, String> errors = byName(printed);
    if (process.waitFor() == 0) {
      errors.remove("");
    } else {
      errors.putIfAbsent("", "");
    }
    return errors;
  }

  private static Map<String, String> byName(String printed) {
    Map<String, String> errors = new TreeMap<>();
    String name = "";
    for (String line : printed.lines().toList()) {
      Matcher place = PLACE.matcher(line);
      name = place.find() ? place.group(1).replaceFirst("\\..*", "") : name;
      errors.merge(name, line + "\n", String::concat);
    }
    return errors;
  }

  /** The causes in the table are javac's words. */
  private static Program withoutCause(Program program) {
    return new Program(program.title(), "ERROR in ", program.text());
  }

  private static String resource(String name) throws IOException {
    try (var stream = OtherCompiler.class.getResourceAsStream(name)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
