package dev.durable.testing;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * How many lines of code each type of some sources has: nested types count apart, and not for the
 * type around them; blank lines, comments and imports do not count.
 */
public final class TypeSizes {

  private final SourcePositions positions;
  private final Map<String, Integer> sizes = new TreeMap<>();

  private TypeSizes(SourcePositions positions) {
    this.positions = positions;
  }

  /** The types of these files, by file and name. */
  public static Map<String, Integer> of(List<Path> files) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null, manager, null, null, null, manager.getJavaFileObjectsFromPaths(files));
      TypeSizes counted = new TypeSizes(Trees.instance(task).getSourcePositions());
      for (CompilationUnitTree unit : task.parse()) {
        counted.count(unit);
      }
      return counted.sizes;
    }
  }

  private void count(CompilationUnitTree unit) throws IOException {
    String[] code =
        Sources.withoutComments(unit.getSourceFile().getCharContent(true).toString())
            .split("\n", -1);
    LineMap lines = unit.getLineMap();
    new TreeScanner<Void, int[]>() {
      @Override
      public Void visitClass(ClassTree type, int[] around) {
        int[] own = {0};
        super.visitClass(type, own);
        int all =
            codeLines(
                code,
                lines.getLineNumber(positions.getStartPosition(unit, type)),
                lines.getLineNumber(positions.getEndPosition(unit, type)));
        if (type.getSimpleName().isEmpty()) {
          around[0] += own[0];
          return null;
        }
        sizes.put(unit.getSourceFile().getName() + " " + type.getSimpleName(), all - own[0]);
        around[0] += all;
        return null;
      }
    }.scan(unit, new int[1]);
  }

  private static int codeLines(String[] code, long first, long last) {
    int count = 0;
    for (long line = first; line <= last; line++) {
      String text = code[(int) line - 1].strip();
      if (!text.isEmpty() && !text.startsWith("//")) {
        count++;
      }
    }
    return count;
  }
}
