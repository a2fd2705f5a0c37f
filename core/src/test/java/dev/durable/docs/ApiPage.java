package dev.durable.docs;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.doctree.DocTree;
import com.sun.source.doctree.LinkTree;
import com.sun.source.doctree.LiteralTree;
import com.sun.source.doctree.TextTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ExportsTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.Name;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Writes {@code docs/api.md} from the sources of the exported packages. Runs without a build. */
final class ApiPage {

  static final String COMMAND = "java core/src/test/java/dev/durable/docs/ApiPage.java";

  private static final List<String> MODULES = List.of("core", "testkit");
  private static final Set<String> OF_OBJECT = Set.of("equals", "hashCode", "toString", "<init>");
  private final StringBuilder page = new StringBuilder();

  private ApiPage() {}

  /** Writes the page into the folder {@code docs} of the repository, which is where it is run. */
  public static void main(String... none) throws IOException {
    Files.writeString(Path.of("docs", "api.md"), text(Path.of("")));
  }

  /** The page, as the sources below a repository's root make it. */
  static String text(Path repository) throws IOException {
    ApiPage api = new ApiPage();
    api.page.append(
        """
        # The public API

        This page lists the public types, with the first sentence of their Javadoc and the names of their members.
        %s
        `%s` writes it anew from the sources, and `ApiPageTest` fails when it is stale.
        """
            .formatted(
                "[compatibility.md](compatibility.md) says what may change, and when.", COMMAND));
    for (String module : MODULES) {
      api.addModule(repository.resolve(module).resolve("src/main/java"));
    }
    return api.page.toString();
  }

  private void addModule(Path sources) throws IOException {
    for (String exported : exports(sources.resolve("module-info.java"))) {
      addPackage(exported, sources.resolve(exported.replace('.', '/')));
    }
  }

  /** The packages that a module exports to everyone. */
  private static List<String> exports(Path moduleInfo) throws IOException {
    return new Sources(List.of(moduleInfo))
        .units.getFirst().getModule().getDirectives().stream()
            .filter(ExportsTree.class::isInstance)
            .map(ExportsTree.class::cast)
            .filter(exports -> exports.getModuleNames() == null)
            .map(exports -> exports.getPackageName().toString())
            .sorted()
            .toList();
  }

  private void addPackage(String name, Path folder) throws IOException {
    Sources sources;
    try (Stream<Path> files = Files.list(folder)) {
      sources =
          new Sources(files.filter(file -> file.toString().endsWith(".java")).sorted().toList());
    }
    page.append("\n## ").append(name).append("\n\n").append(sources.aboutPackage());
    page.append("\n\n| type | what it is | members |\n|---|---|---|\n");
    sources.rows().forEach((type, row) -> page.append(row).append('\n'));
  }

  /** Parsed files, not attributed: names and comments are enough. */
  private static final class Sources {

    private final DocTrees docs;
    private final List<CompilationUnitTree> units = new ArrayList<>();
    private final TreeMap<String, String> rows = new TreeMap<>();

    Sources(List<Path> files) throws IOException {
      JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
      try (StandardJavaFileManager manager = javac.getStandardFileManager(null, null, null)) {
        JavacTask task =
            (JavacTask)
                javac.getTask(
                    null,
                    manager,
                    null,
                    List.of("-proc:none"),
                    null,
                    manager.getJavaFileObjectsFromPaths(files));
        docs = DocTrees.instance(task);
        task.parse().forEach(units::add);
      }
    }

    String aboutPackage() {
      return units.stream()
          .filter(unit -> unit.getSourceFile().getName().endsWith("package-info.java"))
          .map(unit -> sentence(new TreePath(new TreePath(unit), unit.getPackage())))
          .collect(Collectors.joining());
    }

    SortedMap<String, String> rows() {
      for (CompilationUnitTree unit : units) {
        for (Tree declared : unit.getTypeDecls()) {
          if (declared instanceof ClassTree type) {
            add("", type, new TreePath(new TreePath(unit), type), isSeen(type.getModifiers()));
          }
        }
      }
      return rows;
    }

    /** Adds a type and those inside it, if it is public. */
    private void add(String outer, ClassTree type, TreePath path, boolean isPublic) {
      if (!isPublic) {
        return;
      }
      String name = outer + type.getSimpleName();
      rows.put(
          name,
          "| `%s` | %s | %s |".formatted(name, sentence(path), String.join(", ", seen(type))));
      for (Tree member : type.getMembers()) {
        if (member instanceof ClassTree inner) {
          boolean isSeen = isInterface(type) || isSeen(inner.getModifiers());
          add(name + ".", inner, new TreePath(path, inner), isSeen);
        }
      }
    }

    /** The names of a type's public and protected methods, constants and components. */
    private static Set<String> seen(ClassTree type) {
      Set<String> names = new LinkedHashSet<>();
      for (Tree member : type.getMembers()) {
        if (member instanceof MethodTree method && isSeen(type, method.getModifiers())) {
          addName(names, method.getName());
        }
        if (member instanceof VariableTree field && isSeen(type, field)) {
          addName(names, field.getName());
        }
      }
      parents(type).forEach(names::add);
      return names;
    }

    private static void addName(Set<String> names, Name name) {
      if (!OF_OBJECT.contains(name.toString())) {
        names.add("`" + name + "`");
      }
    }

    /** Where the inherited members are. */
    private static Stream<String> parents(ClassTree type) {
      return Stream.concat(
              Stream.ofNullable(type.getExtendsClause()), type.getImplementsClause().stream())
          .map(parent -> "those of `" + parent.toString().replaceAll("<.*", "") + "`");
    }

    private static boolean isSeen(ClassTree type, VariableTree field) {
      return (type.getKind() == Tree.Kind.RECORD
              && !field.getModifiers().getFlags().contains(Modifier.STATIC))
          || isSeen(type, field.getModifiers());
    }

    private static boolean isSeen(ClassTree type, ModifiersTree modifiers) {
      boolean isPrivate = modifiers.getFlags().contains(Modifier.PRIVATE);
      return (isInterface(type) && !isPrivate) || isSeen(modifiers);
    }

    private static boolean isSeen(ModifiersTree modifiers) {
      return modifiers.getFlags().contains(Modifier.PUBLIC)
          || modifiers.getFlags().contains(Modifier.PROTECTED);
    }

    private static boolean isInterface(ClassTree type) {
      return type.getKind() == Tree.Kind.INTERFACE || type.getKind() == Tree.Kind.ANNOTATION_TYPE;
    }

    private String sentence(TreePath path) {
      DocCommentTree comment = docs.getDocCommentTree(path);
      if (comment == null) {
        return "";
      }
      return comment.getFirstSentence().stream()
          .map(Sources::markdown)
          .collect(Collectors.joining())
          .replaceAll("\\s+", " ")
          .replace("|", "\\|")
          .strip();
    }

    private static String markdown(DocTree part) {
      return switch (part) {
        case TextTree text -> text.getBody();
        case LiteralTree literal -> "`" + literal.getBody().getBody() + "`";
        case LinkTree link when !link.getLabel().isEmpty() ->
            link.getLabel().stream().map(Sources::markdown).collect(Collectors.joining());
        case LinkTree link ->
            "`"
                + link.getReference().getSignature().replaceAll("^#|\\(.*", "").replace('#', '.')
                + "`";
        default -> part.toString();
      };
    }
  }
}
