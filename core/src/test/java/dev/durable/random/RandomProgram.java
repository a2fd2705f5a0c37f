package dev.durable.random;

import dev.durable.values.Codecs;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Makes programs: each seed makes one, always the same. */
final class RandomProgram {

  private static final int DEEPEST = 2;

  private final long seed;
  private final Random random;
  private final HostileNames names;
  private int ids;
  private boolean mayStumble;

  private RandomProgram(long seed) {
    this.seed = seed;
    this.random = new Random(seed);
    this.names = new HostileNames(random);
  }

  static Program of(long seed) {
    return new RandomProgram(seed).program();
  }

  private Program program() {
    List<Codecs> codecs = List.of(Codecs.values());
    Codecs codec = codecs.get(Math.floorMod((int) seed, codecs.size()));
    boolean oneBody = random.nextInt(3) == 0;
    mayStumble = !oneBody;
    String name = names.unlike(0) + " of " + seed;
    return new Program(
        seed, name, codec, oneBody, stages(oneBody ? 1 : 1 + random.nextInt(3), oneBody));
  }

  private List<Program.Stage> stages(int size, boolean oneBody) {
    Set<String> given = new HashSet<>();
    List<Program.Stage> stages = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      boolean fork = !oneBody && random.nextInt(4) == 0;
      String name = names.node(given);
      stages.add(new Program.Stage(name, fork ? branches() : List.of(body(name, 1, false))));
    }
    return stages;
  }

  private List<Body> branches() {
    Set<String> given = new HashSet<>();
    return List.of(body(names.node(given), 1, false), body(names.node(given), 1, false));
  }

  private Body body(String name, int depth, boolean fails) {
    int id = ids++;
    Set<String> given = new HashSet<>();
    List<Op> ops = new ArrayList<>();
    int size = 1 + random.nextInt(depth == 1 ? 5 : 3);
    for (int i = 0; i < size; i++) {
      ops.add(op(given, depth));
    }
    return new Body(id, name, ops, fails);
  }

  private Op op(Set<String> given, int depth) {
    int kind = random.nextInt(depth == 1 ? 14 : depth <= DEEPEST ? 12 : 8);
    return switch (kind) {
      case 0, 1, 2 -> effect(given);
      case 3 -> new Op.Caught(ids++, names.call(given));
      case 4, 5 -> rest(given);
      case 6, 7 -> waver(given);
      case 8, 9 -> new Op.Call(ids++, names.call(given), child(depth, random.nextInt(3) == 0));
      case 10 -> new Op.Start(ids++, names.call(given), child(depth, false));
      case 12, 13 -> fork(given);
      default -> waver(given);
    };
  }

  private Op fork(Set<String> given) {
    boolean stumbles = mayStumble;
    mayStumble = false;
    int id = ids++;
    Set<String> inside = new HashSet<>();
    List<Body> parts = new ArrayList<>();
    for (int left = 2 + random.nextInt(2); left > 0; left--) {
      parts.add(body(names.call(inside), 2, false));
    }
    mayStumble = stumbles;
    return new Op.Fork(id, names.call(given), random.nextBoolean(), parts);
  }

  private Op effect(Set<String> given) {
    int failures = mayStumble && random.nextInt(5) == 0 ? 1 + random.nextInt(2) : 0;
    return new Op.Effect(ids++, names.call(given), failures);
  }

  private Body child(int depth, boolean fails) {
    return body(names.unlike(ids) + " of " + seed, depth + 1, fails);
  }

  private Op rest(Set<String> given) {
    return switch (random.nextInt(4)) {
      case 0 -> new Op.Sleep(ids++, names.call(given));
      case 1 -> new Op.Ask(ids++, names.call(given));
      default -> await(given, random.nextInt(4) > 0);
    };
  }

  private Op await(Set<String> given, boolean comes) {
    int id = ids++;
    return new Op.Await(id, names.call(given), names.unlike(id), comes);
  }

  /** The last turn may be the first one once more. */
  private Op waver(Set<String> given) {
    int id = ids++;
    List<Op> turns = new ArrayList<>();
    turns.add(rest(given));
    if (random.nextBoolean()) {
      turns.add(random.nextBoolean() ? await(given, true) : childThatComesBack(given));
    }
    boolean again = turns.size() > 1 && random.nextInt(3) == 0;
    turns.add(again ? turns.getFirst() : random.nextBoolean() ? rest(given) : effect(given));
    return new Op.Waver(id, names.unlike(id), turns);
  }

  private Op childThatComesBack(Set<String> given) {
    return new Op.Call(ids++, names.call(given), child(DEEPEST, false));
  }
}
