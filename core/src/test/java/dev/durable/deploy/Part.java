package dev.durable.deploy;

import java.util.List;

/**
 * A node of a definition, as data. What it does keeps its word when the node is renamed or moved,
 * so that doing it twice shows.
 */
sealed interface Part {

  String name();

  /** The word for its act. */
  String does();

  /** The kind of node, and its parameters. */
  String kind();

  /** A body that does one thing. */
  record Step(String name, String does) implements Part {
    Step(String name) {
      this(name, name);
    }

    @Override
    public String kind() {
      return "step";
    }
  }

  /** A body whose SQL commits with its result. */
  record Transaction(String name) implements Part {
    @Override
    public String does() {
      return name;
    }

    @Override
    public String kind() {
      return "transaction";
    }
  }

  /**
   * A body that commits effects.
   *
   * @param undo the handler of its compensation; empty if it has none
   */
  record Effects(String name, String does, List<String> effects, String undo) implements Part {
    @Override
    public String kind() {
      return "step";
    }
  }

  /** A wait for an event whose payload is an integer, or a text. */
  record Await(String name, String does, String event, Class<?> type) implements Part {
    Await(String name) {
      this(name, name, name, Integer.class);
    }

    @Override
    public String kind() {
      return "wait for " + event;
    }
  }

  /** A question: an approval, or one for a text. */
  record Ask(String name, String does, boolean approval) implements Part {
    @Override
    public String kind() {
      return approval ? "approval" : "text";
    }
  }

  /** A child that waits for an event. */
  record Call(String name, String does, String child) implements Part {
    @Override
    public String kind() {
      return "call of " + child;
    }
  }

  /**
   * A branch whose value is true.
   *
   * @param first the path of the value true; empty if there is no such case any more
   * @param other the path of everything else
   */
  record Branch(String name, List<Part> first, List<Part> other) implements Part {
    private static final String TRUE = "true";
    private static final String OTHERWISE = "otherwise";

    @Override
    public String does() {
      return name;
    }

    @Override
    public String kind() {
      return "branch";
    }

    /** The case of its value. */
    String taken() {
      return first.isEmpty() ? OTHERWISE : TRUE;
    }

    boolean has(String taken) {
      return taken.equals(OTHERWISE) || !first.isEmpty();
    }

    /** The path of a case. */
    List<Part> path(String taken) {
      return taken.equals(OTHERWISE) ? other : first;
    }
  }

  /** Paths at once, each of them by name. */
  record Parallel(String name, List<Path> paths) implements Part {
    @Override
    public String does() {
      return name;
    }

    @Override
    public String kind() {
      return "parallel";
    }
  }

  /** One path of a parallel. */
  record Path(String name, List<Part> parts) {}

  /** A path for each of two items. */
  record ForEach(String name, List<Part> path) implements Part {
    static final int ITEMS = 2;

    @Override
    public String does() {
      return name;
    }

    @Override
    public String kind() {
      return "forEach";
    }
  }

  /** A step that fails for good: all that can be undone is. */
  record Fail(String name) implements Part {
    @Override
    public String does() {
      return name;
    }

    @Override
    public String kind() {
      return "step";
    }
  }
}
