package dev.durable.fault;

import dev.durable.crash.Story;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Chooses faults among all that there could be; the same ones each time for the same seed. */
final class Sample {

  private final Map<Story, List<Place>> places;
  private final Random random;

  /**
   * @param places the last place of each kind that each story comes by
   */
  Sample(Map<Story, List<Place>> places, long seed) {
    this.places = places;
    this.random = new Random(seed);
  }

  /** One way each, apart from SQLSTATEs. */
  private static List<Injection> kinds(String state) {
    List<Injection> kinds = new ArrayList<>();
    for (boolean lasting : new boolean[] {false, true}) {
      for (boolean dead : new boolean[] {false, true}) {
        kinds.add(Injection.state(state, dead, lasting));
        kinds.add(Injection.of(Injection.Harm.UNCHECKED, dead, lasting));
        kinds.add(Injection.of(Injection.Harm.ERROR, dead, lasting));
        kinds.add(Injection.of(Injection.Harm.HANG, dead, lasting));
      }
      kinds.add(Injection.of(Injection.Harm.INTERRUPT, false, lasting));
      kinds.add(Injection.of(Injection.Harm.LOST, true, lasting));
    }
    return kinds;
  }

  /** Each kind of injection at each kind of call of each role, in any story. */
  List<Fault> eachKindAtEachRole() {
    return choose(Place::kind);
  }

  /** Each kind of injection at each kind of call, of one thread and of all, in any story. */
  List<Fault> eachKindAtEachCall() {
    return choose(place -> place.isOfAnyone() + place.call().text());
  }

  private List<Fault> choose(Function<Place, String> grouping) {
    Map<String, List<Candidate>> groups =
        candidates().stream()
            .collect(
                Collectors.groupingBy(
                    candidate -> grouping.apply(candidate.place()),
                    TreeMap::new,
                    Collectors.toList()));
    List<String> states = new ArrayList<>(States.ALL);
    Collections.shuffle(states, random);
    List<Fault> chosen = new ArrayList<>();
    int next = 0;
    for (List<Candidate> group : groups.values()) {
      for (Injection injection : kinds("")) {
        Candidate any = group.get(random.nextInt(group.size()));
        if (injection.suits(any.place().call())) {
          Injection filled =
              injection.harm() == Injection.Harm.STATE
                  ? Injection.state(
                      states.get(next++ % states.size()), injection.dead(), injection.lasting())
                  : injection;
          add(chosen, any.story(), any.somewhere(random), filled);
        }
      }
    }
    return chosen;
  }

  private record Candidate(Story story, Place place) {
    /** One of its calls. */
    Place somewhere(Random random) {
      return new Place(
          place.role(),
          place.call(),
          1 + (int) (place.number() * random.nextDouble() * random.nextDouble()));
    }
  }

  private List<Candidate> candidates() {
    return places.entrySet().stream()
        .flatMap(of -> of.getValue().stream().map(place -> new Candidate(of.getKey(), place)))
        .sorted(
            Comparator.comparing((Candidate c) -> c.place().kind())
                .thenComparing(c -> c.story().name()))
        .toList();
  }

  /**
   * Each call of a story, in each way; the SQLSTATEs take turns in being alone with a connection
   * that lives or is gone, once or for a time.
   */
  List<Fault> all(Story story) {
    List<Fault> all = new ArrayList<>();
    int turn = 0;
    List<Place> kinds =
        places.get(story).stream().sorted(Comparator.comparing(Place::kind)).toList();
    for (Place last : kinds) {
      for (int number = 1; number <= last.number(); number++) {
        Place place = new Place(last.role(), last.call(), number);
        for (String state : States.ALL) {
          add(all, story, place, Injection.state(state, turn % 2 == 1, turn / 2 % 2 == 1));
          turn++;
        }
        for (Injection injection : kinds("")) {
          if (injection.harm() != Injection.Harm.STATE) {
            add(all, story, place, injection);
          }
        }
        turn++;
      }
    }
    return all;
  }

  /** Each n-th of all, of which each has its turn by another seed. */
  List<Fault> eachNthOf(Story story, int n) {
    List<Fault> all = all(story);
    List<Fault> chosen = new ArrayList<>();
    for (int i = random.nextInt(n); i < all.size(); i += n) {
      chosen.add(all.get(i));
    }
    return chosen;
  }

  private static void add(List<Fault> all, Story story, Place place, Injection injection) {
    if (injection.suits(place.call()) && !isOfTheBody(story, place, injection)) {
      all.add(new Fault(story, place, injection));
    }
  }

  /**
   * A deferred trigger of the body's tables may refuse its commit: its execution fails, rightly.
   */
  private static boolean isOfTheBody(Story story, Place place, Injection injection) {
    return place.call() == JdbcCall.COMMIT
        && injection.harm() == Injection.Harm.STATE
        && injection.state().startsWith("P0")
        && story.name().contains("TRANSACTION");
  }
}
