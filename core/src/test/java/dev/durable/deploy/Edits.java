package dev.durable.deploy;

import dev.durable.deploy.Part.Ask;
import dev.durable.deploy.Part.Await;
import dev.durable.deploy.Part.Branch;
import dev.durable.deploy.Part.Call;
import dev.durable.deploy.Part.Effects;
import dev.durable.deploy.Part.Fail;
import dev.durable.deploy.Part.ForEach;
import dev.durable.deploy.Part.Parallel;
import dev.durable.deploy.Part.Path;
import dev.durable.deploy.Part.Step;
import dev.durable.deploy.Part.Transaction;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** A definition with every construct, and its edits. */
final class Edits {

  private static final Step NEW = new Step("new");

  static final List<Part> BASE =
      List.of(
          new Step("a"),
          pay("pay", "charge", "refund"),
          new Branch("by", List.of(new Step("b1"), book()), List.of(new Step("o"))),
          new Await("go"),
          new Parallel(
              "par",
              List.of(
                  new Path("p0", List.of(new Step("x"), new Await("xw"))),
                  new Path("p1", List.of(new Effects("y", "y", List.of("ye"), ""))))),
          new ForEach("each", List.of(new Step("i"), new Call("iw", "iw", "one"))),
          new Ask("ok", "ok", true),
          new Call("sub", "sub", "one"),
          new Transaction("tx"),
          new Step("z"));

  /** Where an execution may rest: at the beginning of a body, behind its effects, at a wait. */
  static final List<String> POSITIONS =
      List.of(
          "a",
          "pay",
          "pay!",
          "by/true/b1",
          "by/true/b2!",
          "go",
          "par/p0/x",
          "par/p0/xw",
          "par/p1/y!",
          "each[0]/i",
          "each[1]/iw",
          "ok",
          "sub",
          "tx",
          "z");

  private static final List<String> NAMES = BASE.stream().map(Part::name).toList();

  private final Map<String, List<Part>> all = new LinkedHashMap<>();

  /** Every edited definition, by its edit. */
  static Map<String, List<Part>> all() {
    Edits edits = new Edits();
    edits.sequence();
    edits.kinds();
    edits.bodies();
    edits.branches();
    edits.forks();
    return edits.all;
  }

  private void sequence() {
    NAMES.forEach(name -> add("insert before " + name, insert(BASE, at(BASE, name), NEW)));
    add("append", insert(BASE, BASE.size(), NEW));
    NAMES.forEach(name -> add("remove " + name, removed(BASE, name)));
    add("rename a", replaced("a", new Step("renamed", "a")));
    add("rename pay", replaced("pay", pay("renamed", "charge", "refund")));
    add("rename go", replaced("go", new Await("renamed", "go", "go", Integer.class)));
    add("rename ok", replaced("ok", new Ask("renamed", "ok", true)));
    add("rename sub", replaced("sub", new Call("renamed", "sub", "one")));
    add("swap a and pay", swapped("a", "pay"));
    add("swap go and par", swapped("go", "par"));
    add("swap ok and sub", swapped("ok", "sub"));
    add("swap tx and z", swapped("tx", "z"));
  }

  private void kinds() {
    add("another event", replaced("go", new Await("go", "go", "other", Integer.class)));
    add("another type of an event", replaced("go", new Await("go", "go", "go", Long.class)));
    add("another child", replaced("sub", new Call("sub", "sub", "two")));
    add("a step becomes a transaction", replaced("a", new Transaction("a")));
    add("a transaction becomes a step", replaced("tx", new Step("tx")));
    add("a wait becomes a question", replaced("go", new Ask("go", "go", true)));
    add("a question becomes a wait", replaced("ok", new Await("ok")));
    add("a wait becomes a step", replaced("go", new Step("go")));
    add("a step becomes a wait", replaced("z", new Await("z")));
    add("a child becomes a step", replaced("sub", new Step("sub")));
  }

  private void bodies() {
    add("an effect is renamed", replaced("pay", pay("pay", "bill", "refund")));
    add(
        "an effect is added in front",
        replaced("pay", new Effects("pay", "pay", List.of("check", "charge"), "refund")));
    add("an effect is removed", replaced("pay", new Effects("pay", "pay", List.of(), "refund")));
    add("a compensation is removed", failing(replaced("pay", pay("pay", "charge", ""))));
    add("a compensation is renamed", failing(replaced("pay", pay("pay", "charge", "undo"))));
    add(
        "a compensation is added",
        failing(replaced("z", new Effects("z", "z", List.of(), "unbook"))));
    add("all is to be undone", failing(BASE));
  }

  private void branches() {
    add("move a into the branch", removed(inBranch(p -> insert(p, 0, new Step("a"))), "a"));
    add(
        "move pay into the branch",
        removed(inBranch(p -> insert(p, 0, pay("pay", "charge", ""))), "pay"));
    add(
        "move b1 out of the branch",
        insert(inBranch(p -> removed(p, "b1")), at(BASE, "by"), new Step("b1")));
    add("rename b1", inBranch(p -> replaced(p, "b1", new Step("renamed", "b1"))));
    add("remove b1", inBranch(p -> removed(p, "b1")));
    add("swap b1 and b2", inBranch(p -> List.of(p.get(1), p.get(0))));
    add("insert before b2", inBranch(p -> insert(p, 1, NEW)));
    add("append to the case", inBranch(p -> insert(p, 2, NEW)));
    add(
        "change the other case",
        replaced("by", new Branch("by", branch().first(), List.of(new Step("q")))));
    add("remove the chosen case", replaced("by", new Branch("by", List.of(), branch().other())));
    add("a branch becomes a step", replaced("by", new Step("by")));
  }

  private void forks() {
    Path p0 = parallel().paths().get(0);
    Path p1 = parallel().paths().get(1);
    add("a path more", paths(p0, p1, new Path("p2", List.of(new Step("w")))));
    add("a path less", paths(p0));
    add("rename a path", paths(new Path("q", p0.parts()), p1));
    add("insert into a path", paths(new Path("p0", insert(p0.parts(), 1, NEW)), p1));
    add("append to a path", paths(p0, new Path("p1", insert(p1.parts(), 1, NEW))));
    add("a parallel becomes a step", replaced("par", new Step("par")));
    add(
        "an effect becomes a path",
        replaced(
            "pay",
            new Parallel(
                "pay", List.of(new Path("charge", List.of(new Step("charge", "pay.charge")))))));
    add(
        "move a into the parallel",
        removed(paths(new Path("p0", insert(p0.parts(), 0, new Step("a"))), p1), "a"));
    add(
        "move x out of the parallel",
        insert(
            paths(new Path("p0", removed(p0.parts(), "x")), p1), at(BASE, "par"), new Step("x")));
    add("insert into the items", items(insert(each().path(), 1, NEW)));
    add("append to the items", items(insert(each().path(), 2, NEW)));
    add("remove from the items", items(removed(each().path(), "i")));
    add("a forEach becomes a step", replaced("each", new Step("each")));
    add("move z into the items", removed(items(insert(each().path(), 2, new Step("z"))), "z"));
  }

  // ---- parts ----

  private static Effects pay(String name, String effect, String undo) {
    return new Effects(name, "pay", List.of(effect), undo);
  }

  private static Effects book() {
    return new Effects("b2", "b2", List.of("book"), "");
  }

  private static Branch branch() {
    return (Branch) BASE.get(at(BASE, "by"));
  }

  private static Parallel parallel() {
    return (Parallel) BASE.get(at(BASE, "par"));
  }

  private static ForEach each() {
    return (ForEach) BASE.get(at(BASE, "each"));
  }

  // ---- edits ----

  private void add(String edit, List<Part> definition) {
    all.put(edit, definition);
  }

  private static List<Part> inBranch(UnaryOperator<List<Part>> edit) {
    return replaced("by", new Branch("by", edit.apply(branch().first()), branch().other()));
  }

  private static List<Part> paths(Path... paths) {
    return replaced("par", new Parallel("par", List.of(paths)));
  }

  private static List<Part> items(List<Part> path) {
    return replaced("each", new ForEach("each", path));
  }

  private static List<Part> failing(List<Part> parts) {
    return insert(parts, parts.size(), new Fail("fail"));
  }

  private static int at(List<Part> parts, String name) {
    return parts.stream().map(Part::name).toList().indexOf(name);
  }

  private static List<Part> insert(List<Part> parts, int at, Part more) {
    List<Part> copy = new ArrayList<>(parts);
    copy.add(at, more);
    return List.copyOf(copy);
  }

  private static List<Part> removed(List<Part> parts, String name) {
    return parts.stream().filter(part -> !part.name().equals(name)).toList();
  }

  private static List<Part> replaced(String name, Part by) {
    return replaced(BASE, name, by);
  }

  private static List<Part> replaced(List<Part> parts, String name, Part by) {
    return parts.stream().map(part -> part.name().equals(name) ? by : part).toList();
  }

  private static List<Part> swapped(String one, String other) {
    List<Part> copy = new ArrayList<>(BASE);
    copy.set(at(BASE, one), BASE.get(at(BASE, other)));
    copy.set(at(BASE, other), BASE.get(at(BASE, one)));
    return List.copyOf(copy);
  }
}
