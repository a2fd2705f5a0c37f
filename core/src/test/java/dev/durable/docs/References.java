package dev.durable.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Names on a page, and whether the repository has them. */
final class References {

  static final Path ROOT = Path.of("..");

  private static final Pattern LINK = Pattern.compile("\\[[^\\]]*]\\(([^)\\s]+)\\)");
  private static final Pattern CODE = Pattern.compile("`([^`\\n]+)`");
  private static final Pattern TEST =
      Pattern.compile(
          "(?:[a-z]\\w*\\.)*([A-Z]\\w*[a-z0-9](?:Test|IT|Suite))((?:\\.\\w+)*)(?:\\(.*\\))?");
  private static final Pattern COMMENT = Pattern.compile("(?m)^\\s*(/?\\*|//|@DisplayName).*$");
  private static final Pattern PAGE = Pattern.compile("[\\w./-]*\\w\\.md\\b");
  private static final Pattern TYPE = Pattern.compile("[A-Z]\\w*[a-z]\\w*");
  private static final Pattern MEMBER =
      Pattern.compile("(?:[a-z]\\w*\\.)*[A-Z]\\w*(?:\\.\\w+)*\\.[a-zA-Z]\\w+");
  private static final Pattern FILE =
      Pattern.compile("(?:[\\w.-]+/)+[\\w.-]+\\.(?:java|md|xml|sql|json|svg)|(?:[\\w.-]+/){2,}");

  private static final String LOCKS = "java.util.concurrent.locks";

  private final Map<String, String> sources = new TreeMap<>();
  private final Set<Path> files = new HashSet<>();

  References() throws IOException {
    try (Stream<Path> all = Files.walk(ROOT)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        String path = ROOT.relativize(file).toString();
        if (path.contains("target/") || path.startsWith(".git/")) {
          continue;
        }
        files.add(ROOT.relativize(file).normalize());
        if (path.endsWith(".java")) {
          String name = file.getFileName().toString().replace(".java", "");
          sources.merge(name, Files.readString(file), String::concat);
        }
      }
    }
  }

  /** The pages that people read. */
  static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>();
    for (String name : List.of("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")) {
      pages.add(ROOT.resolve(name));
    }
    try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
      docs.filter(page -> page.toString().endsWith(".md")).sorted().forEach(pages::add);
    }
    return pages;
  }

  /** Everything that a page names and that does not exist. */
  List<String> missing(Path page) throws IOException {
    List<String> missing = new ArrayList<>();
    String text = Files.readString(page);
    String prose = text.replaceAll("(?s)```.*?```", "");
    for (Matcher link = LINK.matcher(prose); link.find(); ) {
      if (!link.group(1).matches("https?:.*|mailto:.*") && !resolves(page, link.group(1))) {
        missing.add("link " + link.group(1));
      }
    }
    for (Matcher code = CODE.matcher(prose); code.find(); ) {
      String named = code.group(1);
      Matcher test = TEST.matcher(named);
      if (test.matches() && !hasTest(test.group(1), test.group(2))) {
        missing.add("test " + named);
      }
      if (!test.matches() && (holdsTests(page) || isMap(page)) && MEMBER.matcher(named).matches()) {
        if (!hasMember(named)) {
          missing.add("member " + named);
        }
      }
      if (isMap(page) && TYPE.matcher(named).matches() && !hasType(named)) {
        missing.add("type " + named);
      }
      if (FILE.matcher(named).matches() && !hasFile(named)) {
        missing.add("file " + named);
      }
    }
    return missing;
  }

  private boolean resolves(Path page, String target) throws IOException {
    int hash = target.indexOf('#');
    String file = hash < 0 ? target : target.substring(0, hash);
    Path linked = file.isEmpty() ? page : page.resolveSibling(file).normalize();
    return Files.exists(linked)
        && (hash < 0 || anchors(Files.readString(linked)).contains(target.substring(hash + 1)));
  }

  private static Set<String> anchors(String text) {
    return text.lines()
        .filter(line -> line.startsWith("#"))
        .map(line -> line.replaceFirst("^#+ ", "").toLowerCase(Locale.ROOT))
        .map(title -> title.replaceAll("[^\\w\\- ]", "").replace(' ', '-'))
        .collect(Collectors.toSet());
  }

  /** A test class, and the nested classes, constants and methods behind its name. */
  private boolean hasTest(String type, String members) {
    String source = sources.get(type);
    if (source == null) {
      return false;
    }
    return Stream.of(members.split("\\."))
        .filter(member -> !member.isEmpty())
        .allMatch(member -> Pattern.compile("\\b" + member + "\\b").matcher(source).find());
  }

  /** These two say which test holds a promise; elsewhere a member may be anybody's. */
  private static boolean holdsTests(Path page) {
    return page.endsWith("behaviours.md") || page.endsWith("guarantees.md");
  }

  /** These two say where things are in the code, so each type that they name must be there. */
  private static boolean isMap(Path page) {
    return page.endsWith("architecture.md") || page.endsWith("concurrency.md");
  }

  private boolean hasType(String named) {
    return sources.containsKey(named)
        || Stream.of("java.lang", "java.sql", "javax.sql", "java.util.concurrent", LOCKS)
            .anyMatch(home -> isClass(home + "." + named));
  }

  /** A nested class of some test, and its method. */
  private boolean hasMember(String named) {
    if (isPartOfJava(named.substring(0, named.indexOf('.')))) {
      return true;
    }
    String[] parts = named.replaceFirst("^(?:[a-z]\\w*\\.)+", "").split("\\.");
    return sources.values().stream()
        .filter(
            source ->
                source.matches("(?s).*\\b(class|record|interface|enum) " + parts[0] + "\\b.*"))
        .anyMatch(
            source ->
                Stream.of(parts)
                    .allMatch(
                        part -> Pattern.compile("\\b" + part + "\\b").matcher(source).find()));
  }

  private static boolean isPartOfJava(String type) {
    return isClass("java.lang." + type);
  }

  private static boolean isClass(String name) {
    try {
      Class.forName(name);
      return true;
    } catch (ClassNotFoundException ours) {
      return false;
    }
  }

  /** Pages that comments of the code name and that do not exist. */
  List<String> missingInComments() {
    List<String> missing = new ArrayList<>();
    sources.forEach(
        (name, source) -> {
          for (Matcher line = COMMENT.matcher(source); line.find(); ) {
            for (Matcher page = PAGE.matcher(line.group()); page.find(); ) {
              if (!hasFile(page.group())) {
                missing.add(name + ": " + page.group());
              }
            }
          }
        });
    return missing;
  }

  private boolean hasFile(String named) {
    Path path = Path.of(named).normalize();
    return Files.exists(ROOT.resolve(path))
        || files.stream()
            .anyMatch(
                file ->
                    file.endsWith(path)
                        || (file.getParent() != null && file.getParent().endsWith(path)));
  }
}
