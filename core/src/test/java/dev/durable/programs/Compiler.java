package dev.durable.programs;

import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Compiles a program against the API, as a user's build would, and keeps nothing of it. */
final class Compiler {

  private static final JavaCompiler JAVAC = ToolProvider.getSystemJavaCompiler();

  private Compiler() {}

  /** What javac prints about a class; empty if it compiles. */
  static String messages(String className, String source) {
    StringWriter printed = new StringWriter();
    try (JavaFileManager files =
        new Nowhere(JAVAC.getStandardFileManager(null, Locale.ROOT, null))) {
      JAVAC
          .getTask(
              printed,
              files,
              null,
              List.of(
                  "-proc:none",
                  "-nowarn",
                  "-classpath",
                  System.getProperty("java.class.path"),
                  "-Xmaxerrs",
                  "5"),
              null,
              List.of(new Source(className, source)))
          .call();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    return printed
        .toString()
        .lines()
        .filter(line -> !line.startsWith("Note: "))
        .reduce("", (all, line) -> all + line + "\n");
  }

  private static final class Source extends SimpleJavaFileObject {

    private final String text;

    Source(String className, String text) {
      super(URI.create("string:///" + className + Kind.SOURCE.extension), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }

  /** Throws the classes away. */
  private static final class Nowhere extends ForwardingJavaFileManager<JavaFileManager> {

    Nowhere(JavaFileManager files) {
      super(files);
    }

    @Override
    public JavaFileObject getJavaFileForOutput(
        Location location, String className, JavaFileObject.Kind kind, FileObject of) {
      return new SimpleJavaFileObject(URI.create("mem:///" + className + kind.extension), kind) {
        @Override
        public OutputStream openOutputStream() {
          return OutputStream.nullOutputStream();
        }
      };
    }
  }
}
