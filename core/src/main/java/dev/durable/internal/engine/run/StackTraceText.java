package dev.durable.internal.engine.run;

import dev.durable.internal.codec.FailureMessage;
import dev.durable.internal.store.jdbc.SqlErrors;
import dev.durable.internal.text.Causes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A stack trace of limited length: the causes down to the root, the throwables that they suppress
 * or that follow them, and as many frames of each as there is room for.
 */
final class StackTraceText {

  private static final int LONGEST = 3_900;
  private static final int FRAMES = 20;
  private static final int MOST_PARTS = 12;
  private static final int MOST_FOUND = 500;

  private final List<Part> parts = new ArrayList<>();
  private final Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());

  private int root;

  private StackTraceText() {}

  /** One throwable of a trace. */
  private record Part(String title, List<String> frames) {}

  /** The trace of a failure, without its message. */
  static String of(Throwable failure) {
    StackTraceText trace = new StackTraceText();
    trace.collect("", failure);
    return trace.text();
  }

  private void collect(String relation, Throwable failure) {
    String how = relation;
    List<Throwable> chain = new ArrayList<>();
    for (Throwable each : Causes.of(failure)) {
      if (parts.size() >= MOST_FOUND || !seen.add(each)) {
        break;
      }
      parts.add(part(how, each));
      chain.add(each);
      how = "caused by ";
    }
    root = relation.isEmpty() ? parts.size() - 1 : root;
    for (Throwable each : chain) {
      Throwable next = quietly(() -> SqlErrors.next(each));
      if (next != null) {
        collect("next ", next);
      }
      Throwable[] suppressed = quietly(each::getSuppressed);
      for (Throwable one : suppressed == null ? new Throwable[0] : suppressed) {
        collect("suppressed ", one);
      }
    }
  }

  private Part part(String relation, Throwable failure) {
    String title = relation + failure.getClass().getName();
    StackTraceElement[] stack = quietly(failure::getStackTrace);
    List<String> frames = new ArrayList<>();
    for (int i = 0; stack != null && i < Math.min(FRAMES, stack.length); i++) {
      frames.add("  at " + stack[i] + "\n");
    }
    return new Part(relation.isEmpty() ? title : title + ": " + FailureMessage.of(failure), frames);
  }

  private static <T> @Nullable T quietly(Supplier<@Nullable T> accessor) {
    try {
      return accessor.get();
    } catch (Throwable hostile) {
      return null;
    }
  }

  private String text() {
    List<Part> shown = shown();
    int longestTitle = LONGEST / 2 / shown.size();
    List<StringBuilder> texts = new ArrayList<>();
    int left = LONGEST;
    for (Part part : shown) {
      String title = part.title;
      String cut = title.length() > longestTitle ? title.substring(0, longestTitle) + "…" : title;
      texts.add(new StringBuilder(cut).append('\n'));
      left -= cut.length() + 1;
    }
    for (int frame = 0; frame < FRAMES; frame++) {
      for (int i = 0; i < shown.size(); i++) {
        List<String> frames = shown.get(i).frames;
        if (frame < frames.size() && frames.get(frame).length() <= left) {
          texts.get(i).append(frames.get(frame));
          left -= frames.get(frame).length();
        }
      }
    }
    return String.join("", texts);
  }

  /** The first parts, the root cause, and the last parts, which follow or are suppressed. */
  private List<Part> shown() {
    int size = parts.size();
    List<Part> shown = new ArrayList<>();
    int left = 0;
    for (int i = 0; i < size; i++) {
      boolean near = i < MOST_PARTS / 2 || i >= size - MOST_PARTS / 2 || i == root;
      if (size <= MOST_PARTS || near) {
        if (left > 0) {
          shown.add(new Part("… " + left + " more …", List.of()));
        }
        shown.add(parts.get(i));
        left = 0;
      } else {
        left++;
      }
    }
    return shown;
  }
}
