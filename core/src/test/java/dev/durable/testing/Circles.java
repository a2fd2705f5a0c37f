package dev.durable.testing;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the circles of a graph: sets of names each of which leads to every other (Tarjan's strongly
 * connected components with more than one member).
 */
public final class Circles {

  private final Map<String, ? extends Collection<String>> arrows;
  private final Map<String, Integer> numbers = new HashMap<>();
  private final Map<String, Integer> lowest = new HashMap<>();
  private final Deque<String> open = new ArrayDeque<>();
  private final Set<String> isOpen = new HashSet<>();
  private final List<List<String>> found = new ArrayList<>();

  private Circles(Map<String, ? extends Collection<String>> arrows) {
    this.arrows = arrows;
  }

  /**
   * The circles, the largest first.
   *
   * @param arrows the names to which each name leads
   */
  public static List<List<String>> of(Map<String, ? extends Collection<String>> arrows) {
    Circles circles = new Circles(arrows);
    for (String name : arrows.keySet()) {
      if (!circles.numbers.containsKey(name)) {
        circles.visit(name);
      }
    }
    circles.found.sort(Comparator.comparingInt((List<String> circle) -> circle.size()).reversed());
    return circles.found;
  }

  private void visit(String name) {
    int number = numbers.size();
    numbers.put(name, number);
    lowest.put(name, number);
    open.push(name);
    isOpen.add(name);
    for (String next : arrows.containsKey(name) ? arrows.get(name) : List.<String>of()) {
      if (!numbers.containsKey(next)) {
        visit(next);
        lowest.merge(name, lowest.get(next), Math::min);
      } else if (isOpen.contains(next)) {
        lowest.merge(name, numbers.get(next), Math::min);
      }
    }
    if (lowest.get(name) == number) {
      close(name);
    }
  }

  private void close(String first) {
    List<String> circle = new ArrayList<>();
    String member;
    do {
      member = open.pop();
      isOpen.remove(member);
      circle.add(member);
    } while (!member.equals(first));
    if (circle.size() > 1) {
      circle.sort(Comparator.naturalOrder());
      found.add(circle);
    }
  }
}
