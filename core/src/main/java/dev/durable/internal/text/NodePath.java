package dev.durable.internal.text;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The path of a node, of a body's call or of a compensation in an execution. Only this class writes
 * paths as text and reads them: {@code send[17]/mail} is a node of an item, {@code send[*]} the
 * list of a forEach, {@code pay/charge} the call that the body of {@code pay} names {@code charge},
 * and {@code pay~refund} the compensation of {@code pay}. {@code pay/~progress} is what the body
 * has saved of its progress.
 *
 * <p>Names of nodes have none of the characters of this syntax. A body's call and the value of a
 * case may have any name: there such characters are written as {@code %2F}. So no two places have
 * the same text, except a node and a body's call, which the kind of the row tells apart.
 *
 * @param text the path as it is stored
 */
public record NodePath(String text) {

  /** The root of all paths. */
  public static final NodePath ROOT = new NodePath("");

  /** The longest name in a definition, in characters. */
  public static final int LONGEST_NAME = 200;

  /** The longest name of a body's call, in characters. */
  public static final int LONGEST_CALL = 1_000;

  private static final String SYNTAX = "/[]~";
  private static final String ITEMS = "[*]";
  private static final String PROGRESS = "/~progress";
  private static final String EMPTY = "%empty";
  private static final char ESCAPE = '%';

  // ---- building ----

  /** The node of that name below this. */
  public NodePath node(String name) {
    return new NodePath(text.isEmpty() ? name : text + "/" + name);
  }

  /** An item of a forEach, or a round of a repeat. */
  public NodePath part(int index) {
    return new NodePath(text + "[" + index + "]");
  }

  /** The list of a forEach. */
  public NodePath items() {
    return new NodePath(text + ITEMS);
  }

  /** A body's call of that name: an effect, a wait, a question, a child. */
  public NodePath call(String name) {
    return new NodePath(text + "/" + written(name));
  }

  /** The progress of this body. No call has that name. */
  public NodePath progress() {
    return new NodePath(text + PROGRESS);
  }

  /** The compensation of this by the handler of that name. */
  public NodePath undoneBy(String handler) {
    return new NodePath(text + "~" + handler);
  }

  // ---- names ----

  /** Whether that can be the name of a node: it has no character of the path syntax. */
  public static boolean isNodeName(String name) {
    return name.chars().noneMatch(NodePath::isSyntax);
  }

  /** The reason why that cannot be a name, as the end of a sentence; empty if it can. */
  public static String problem(String name, int longest) {
    if (name.isBlank()) {
      return "is blank";
    }
    if (name.length() > longest) {
      return "is longer than " + longest + " characters";
    }
    return StorableText.isStorable(name) ? "" : "has a NUL character or half a surrogate pair";
  }

  /**
   * Refuses a text that cannot be the name of a body's call.
   *
   * @throws IllegalArgumentException if it cannot
   */
  public static void requireCall(String step, String name) {
    String problem = problem(name, LONGEST_CALL);
    if (!problem.isEmpty()) {
      String shown =
          StorableText.storable(name.length() > 100 ? name.substring(0, 100) + "…" : name);
      String which =
          problem.startsWith("has ") ? "with " + problem.substring(4) : "that " + problem;
      throw new IllegalArgumentException(
          "Step '" + step + "' uses a name " + which + ": '" + shown + "'.");
    }
  }

  /**
   * Refuses the name of a question that the index of open questions cannot hold.
   *
   * @param path the path of the question
   * @throws IllegalArgumentException if it cannot
   */
  public static void requireIndexable(String path, String name) {
    String problem = questionProblem(path, name);
    if (!problem.isEmpty()) {
      throw new IllegalArgumentException("The question '" + path + "' " + problem + ".");
    }
  }

  /** The reason why the index of open questions cannot hold a question; empty if it can. */
  public static String questionProblem(String path, String name) {
    return IndexedText.fits(path, name)
        ? ""
        : "has a name that is too long: with its path it takes "
            + IndexedText.bytes(path, name)
            + " bytes, and at most "
            + IndexedText.MOST_BYTES
            + " can be kept";
  }

  /**
   * Refuses a text that cannot be the name of a compensation.
   *
   * @throws IllegalArgumentException if it has a character of the path syntax, is blank, too long,
   *     or cannot be stored
   */
  public static void requireHandler(String undone, String name) {
    String problem = problem(name, LONGEST_NAME);
    if (problem.isEmpty() && !isNodeName(name)) {
      problem = "has a '/', '[', ']', '~' or control character";
    }
    if (!problem.isEmpty()) {
      throw new IllegalArgumentException(
          "The name of the compensation of '" + undone + "' " + problem + ".");
    }
  }

  /** A text as the name of a node: characters of the path syntax are escaped. */
  public static String written(String name) {
    int length = name.length();
    for (int i = 0; i < length; i++) {
      char c = name.charAt(i);
      if (isSyntax(c) || c == ESCAPE) {
        return escaped(name);
      }
    }
    return name;
  }

  /** A text that may be empty as the name of a node. */
  public static String writtenOrEmpty(String name) {
    if (name.isEmpty()) {
      return EMPTY;
    }
    if (name.startsWith(EMPTY)) {
      return "%25" + name.substring(1);
    }
    String written = written(name);
    return written.isBlank() ? bytes(written) : written;
  }

  private static String escaped(String name) {
    StringBuilder text = new StringBuilder(name.length() + 8);
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (isSyntax(c) || (c == ESCAPE && isEscape(name, i))) {
        escape(text, c);
      } else {
        text.append(c);
      }
    }
    return text.toString();
  }

  private static String bytes(String blank) {
    StringBuilder text = new StringBuilder();
    for (byte each : blank.getBytes(StandardCharsets.UTF_8)) {
      escape(text, each & 0xff);
    }
    return text.toString();
  }

  private static void escape(StringBuilder text, int value) {
    text.append(ESCAPE);
    text.append(Character.toUpperCase(Character.forDigit(value >> 4, 16)));
    text.append(Character.toUpperCase(Character.forDigit(value & 0xf, 16)));
  }

  private static boolean isSyntax(int c) {
    return c < ' ' || c == 0x7f || SYNTAX.indexOf(c) >= 0;
  }

  /** Whether an escaped character begins here. */
  private static boolean isEscape(String text, int at) {
    return at + 2 < text.length()
        && Character.digit(text.charAt(at + 1), 16) >= 0
        && Character.digit(text.charAt(at + 2), 16) >= 0;
  }

  private static String read(String written) {
    if (written.indexOf(ESCAPE) < 0) {
      return written;
    }
    StringBuilder name = new StringBuilder(written.length());
    for (int i = 0; i < written.length(); i++) {
      boolean escape = written.charAt(i) == ESCAPE && isEscape(written, i);
      name.append(escape ? (char) Integer.parseInt(written, i + 1, i + 3, 16) : written.charAt(i));
      i += escape ? 2 : 0;
    }
    return name.toString();
  }

  // ---- reading stored paths ----

  /** The path in the definition: without the indices of items and rounds. */
  public static String inDefinition(String path) {
    int open = path.indexOf('[');
    if (open < 0) {
      return path;
    }
    StringBuilder plain = new StringBuilder(path.length());
    int from = 0;
    while (open >= 0) {
      int close = path.indexOf(']', open);
      if (close < 0 || !isIndex(path, open + 1, close)) {
        plain.append(path, from, open + 1);
        from = open + 1;
      } else {
        plain.append(path, from, open);
        from = close + 1;
      }
      open = path.indexOf('[', from);
    }
    return plain.append(path, from, path.length()).toString();
  }

  private static boolean isIndex(String path, int from, int to) {
    for (int i = from; i < to; i++) {
      if (path.charAt(i) < '0' || path.charAt(i) > '9') {
        return false;
      }
    }
    return from < to;
  }

  /** The path directly above; empty for one at the top. */
  public static String above(String path) {
    return path.substring(0, Math.max(0, path.lastIndexOf('/')));
  }

  /** All paths above, from the top down. */
  public static List<String> allAbove(String path) {
    List<String> all = new ArrayList<>();
    for (String each = above(path); !each.isEmpty(); each = above(each)) {
      all.addFirst(each);
    }
    return all;
  }

  /** All nodes around a path, including the nodes of its items and rounds. */
  public static List<String> around(String path) {
    List<String> all = new ArrayList<>();
    for (String above : allAbove(path)) {
      all.add(above);
      if (isPart(above)) {
        all.add(whole(above));
      }
    }
    if (isPart(path)) {
      all.add(whole(path));
    }
    return all;
  }

  /** The forEach or repeat of an item or a round. */
  public static String whole(String part) {
    return part.substring(0, part.lastIndexOf('['));
  }

  /** The last name of a path, as it is written there. */
  public static String last(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** The name that a body gave to the call at this path. */
  public static String called(String path) {
    return read(last(path));
  }

  /** The node whose body makes the call at this path. A reminder stands below its question. */
  public static String step(String call) {
    return isPart(call) ? above(above(call)) : above(call);
  }

  /** Whether the path of a body's call is that of a reminder. */
  public static boolean isPart(String path) {
    return path.endsWith("]");
  }

  /** Whether it is the path of the list of a forEach. */
  public static boolean isItems(String path) {
    return path.endsWith(ITEMS);
  }

  /** The path of the forEach if this is its list; otherwise the path itself. */
  public static String withoutItems(String path) {
    return isItems(path) ? path.substring(0, path.length() - ITEMS.length()) : path;
  }

  /** Whether a path is this one, or stands below it. */
  public static boolean isWithin(String path, String inner) {
    return inner.startsWith(path)
        && (inner.length() == path.length()
            || inner.charAt(path.length()) == '/'
            || inner.charAt(path.length()) == '[');
  }

  /** Whether the inner path stands below the path of a node, item or round. */
  public static boolean isBelow(String path, String inner) {
    return inner.length() > path.length()
        && inner.startsWith(path)
        && inner.charAt(path.length()) == '/';
  }

  /** The item or round of a path in which another path stands; empty if there is none. */
  public static String part(String path, String inner) {
    int end = path.length();
    int slash = inner.indexOf('/', end);
    return slash > end && inner.charAt(end) == '[' ? inner.substring(0, slash) : "";
  }

  /**
   * The path of a node in the same item or round: the reader gives the indices that the wanted path
   * leaves out.
   */
  public static String beside(String wanted, String reader) {
    List<String> names = names(wanted);
    List<String> own = names(reader);
    StringBuilder path = new StringBuilder();
    boolean same = true;
    for (int i = 0; i < names.size(); i++) {
      same = same && i < own.size() && inDefinition(own.get(i)).equals(names.get(i));
      path.append(i == 0 ? "" : "/").append(same ? own.get(i) : names.get(i));
    }
    return path.toString();
  }

  // ---- targets of decisions ----

  /** The names in a path. */
  public static List<String> names(String path) {
    return List.of(path.split("/", -1));
  }

  /** The first name of a target. */
  public static String first(String target) {
    int slash = target.indexOf('/');
    return slash < 0 ? target : target.substring(0, slash);
  }

  /** The names after the first one; empty if there are none. */
  public static String rest(String target) {
    int slash = target.indexOf('/');
    return slash < 0 ? "" : target.substring(slash + 1);
  }

  @Override
  public String toString() {
    return text;
  }
}
