package dev.durable.internal.worker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The free slots of each queue of this worker, and the memory that claimed inputs take. */
public final class Slots {

  static final int MAX_CLAIM = 500;
  private static final int PROBE = 16;

  /** An input is in memory several times: as read by the driver, as text, and as an object. */
  private static final int PART_OF_MEMORY = 8;

  private volatile Map<String, Lane> lanes = Map.of();
  private volatile Set<String> limited = Set.of();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicInteger suspects = new AtomicInteger();
  private final long mostBytes;
  private volatile boolean cramped;
  private volatile Runnable onFree = () -> {};
  private volatile Consumer<String> onFreeIn = queue -> {};
  private volatile Consumer<String> onPlace = queue -> {};
  private volatile boolean leaving;

  /**
   * @param concurrency the number of slots of each queue
   */
  public Slots(Map<String, Integer> concurrency) {
    this(concurrency, Runtime.getRuntime().maxMemory() / PART_OF_MEMORY);
  }

  /**
   * @param mostBytes the most bytes that the inputs of claimed executions may take together
   */
  Slots(Map<String, Integer> concurrency, long mostBytes) {
    this.mostBytes = mostBytes;
    add(concurrency);
  }

  /**
   * Adds queues; those that are here stay as they are. For one thread at a time.
   *
   * @param concurrency the number of slots of each queue
   */
  public void add(Map<String, Integer> concurrency) {
    Map<String, Lane> more = new LinkedHashMap<>(lanes);
    concurrency.forEach(
        (queue, limit) -> more.computeIfAbsent(queue, name -> new Lane(name, limit)));
    lanes = Collections.unmodifiableMap(more);
  }

  /** One queue. */
  private static final class Lane {
    final String queue;
    final AtomicInteger free;
    final AtomicInteger exits;
    volatile boolean backlog;
    volatile boolean keptBack;
    volatile boolean counted = true;
    final AtomicInteger left = new AtomicInteger();

    Lane(String queue, int limit) {
      this.queue = queue;
      this.free = new AtomicInteger(limit);
      this.exits = new AtomicInteger(limit);
    }
  }

  /** The state of a slot's execution. */
  private enum Stay {
    RUNNING,
    LEAVING,
    LEFT
  }

  /** The right to run one execution. */
  public final class Slot {
    private final Lane lane;
    private final AtomicReference<Stay> stay = new AtomicReference<>(Stay.RUNNING);

    private volatile long weight;
    private volatile boolean suspect;

    private Slot(Lane lane) {
      this.lane = lane;
    }

    /**
     * Counts the weight of its execution until that has left. Called before it begins to run.
     *
     * @param input the bytes of its input
     * @param suspected whether it may be the cause of lost workers
     */
    void load(long input, boolean suspected) {
      weight = input;
      suspect = suspected;
      bytes.addAndGet(input);
      if (suspected) {
        suspects.incrementAndGet();
      }
    }

    /**
     * Only the execution's end is left to commit: another one may begin meanwhile. No more may be
     * on their way out than may run, or they would fill the heap when the database is slow.
     */
    public void leaving() {
      if (!take(lane.exits)) {
        return;
      }
      if (stay.compareAndSet(Stay.RUNNING, Stay.LEAVING)) {
        giveBack();
      } else {
        lane.exits.incrementAndGet();
      }
    }

    /** Gives the slot back: its execution has left. A second call does nothing. */
    public void free() {
      Stay last = stay.getAndSet(Stay.LEFT);
      if (last == Stay.LEFT) {
        return;
      }
      bytes.addAndGet(-weight);
      if (suspect) {
        suspects.decrementAndGet();
      }
      if (last == Stay.RUNNING) {
        giveBack();
      } else {
        lane.exits.incrementAndGet();
      }
      boolean limited = lane.counted && isLimited(lane.queue);
      if (limited) {
        lane.left.incrementAndGet();
      }
      // A claim does not even see the other suspects while one runs.
      if (suspect || (cramped && weight > 0)) {
        onFree.run();
      } else if (limited) {
        onFreeIn.accept(lane.queue);
      }
      if (leaving) {
        announcePlaces(Map.of());
      }
    }

    /** Gives an unused slot back without waking the claimer, which has just looked. */
    private void putBack() {
      if (stay.compareAndSet(Stay.RUNNING, Stay.LEFT)) {
        lane.free.incrementAndGet();
      }
    }

    private void giveBack() {
      lane.free.incrementAndGet();
      wake(lane);
    }
  }

  private void wake(Lane lane) {
    if (lane.backlog) {
      onFreeIn.accept(lane.queue);
    }
  }

  /**
   * Calls these whenever an execution has left for which others wait.
   *
   * @param inAny the others may be in any queue
   * @param inOne the others are in this queue
   */
  void onFree(Runnable inAny, Consumer<String> inOne) {
    this.onFree = inAny;
    this.onFreeIn = inOne;
  }

  /** Calls this with a limited queue when other workers may have executions for its free places. */
  public void onPlace(Consumer<String> listener) {
    this.onPlace = listener;
  }

  /**
   * Announces the limited queues that more executions have left than this worker has claimed since.
   * Where it has claimed as many, other workers would find nothing.
   */
  void announcePlaces(Map<String, Integer> claimed) {
    lanes.forEach(
        (queue, lane) -> {
          if (lane.left.getAndSet(0) > claimed.getOrDefault(queue, 0)) {
            onPlace.accept(queue);
          }
        });
  }

  /** This worker claims nothing more: it announces each place at once. */
  void leave() {
    leaving = true;
    announcePlaces(Map.of());
  }

  /**
   * Remembers which queues are limited: new executions of these take no slots by themselves, and
   * whatever leaves makes room for others on all workers.
   */
  void limited(Set<String> queues) {
    limited = Set.copyOf(queues);
  }

  /** Whether the queue is limited, as far as this worker knows. */
  private boolean isLimited(String queue) {
    return limited.contains(queue);
  }

  /**
   * Remembers the state of a limited queue.
   *
   * @param counted whether a limit counts what runs: if none does, no execution waits for another
   *     one to leave
   * @param some whether a limit keeps due executions of the queue back
   */
  void keptBack(String queue, boolean counted, boolean some) {
    Lane lane = lanes.get(queue);
    if (lane != null) {
      lane.counted = counted;
      lane.keptBack = counted && some;
    }
  }

  /** Whether executions of the queue may wait for others to leave, on any worker. */
  boolean isKeptBack(String queue) {
    Lane lane = lanes.get(queue);
    return lane != null && lane.keptBack && isLimited(queue);
  }

  /** Whether this worker works on the queue. */
  public boolean serves(String queue) {
    return lanes.containsKey(queue);
  }

  /** Takes a slot for a new execution; null if none is free, or if older ones wait in the queue. */
  public @Nullable Slot tryTake(String queue) {
    Lane lane = lanes.get(queue);
    return lane == null || lane.backlog || isLimited(queue) ? null : take(lane);
  }

  private @Nullable Slot take(Lane lane) {
    return take(lane.free) ? new Slot(lane) : null;
  }

  private static boolean take(AtomicInteger places) {
    int free;
    do {
      free = places.get();
      if (free <= 0) {
        return false;
      }
    } while (!places.compareAndSet(free, free - 1));
    return true;
  }

  /**
   * Sets slots aside for a claim: all that are free in a queue with a backlog, else a few, so that
   * new executions can start meanwhile. A queue without free slots counts as one with a backlog:
   * its next free slot goes to a claim.
   *
   * @param most the most slots of one queue
   */
  Reserved reserve(int most) {
    Reserved reserved = new Reserved();
    lanes.forEach(
        (queue, lane) -> {
          List<Slot> taken = reserve(lane, most);
          if (taken.isEmpty()) {
            lane.backlog = true;
            // A slot freed before that line has woken no claimer: it is found here.
            taken = reserve(lane, most);
          }
          if (!taken.isEmpty()) {
            reserved.add(queue, taken);
          }
        });
    return reserved;
  }

  private List<Slot> reserve(Lane lane, int most) {
    int wanted = Math.min(most, lane.backlog ? lane.free.get() : PROBE);
    List<Slot> taken = new ArrayList<>();
    while (taken.size() < wanted) {
      Slot slot = take(lane);
      if (slot == null) {
        break;
      }
      taken.add(slot);
    }
    return taken;
  }

  /** Slots that were set aside for one claim. For one thread. */
  static final class Reserved {

    private final Map<String, ArrayDeque<Slot>> rest = new LinkedHashMap<>();
    private final Map<String, Integer> counts = new LinkedHashMap<>();

    private void add(String queue, List<Slot> slots) {
      rest.put(queue, new ArrayDeque<>(slots));
      counts.put(queue, slots.size());
    }

    boolean isEmpty() {
      return counts.isEmpty();
    }

    /** The number of slots of each queue in the beginning. */
    Map<String, Integer> counts() {
      return counts;
    }

    /** One of them; null if there is none left. */
    @Nullable Slot take(String queue) {
      ArrayDeque<Slot> left = rest.get(queue);
      return left == null ? null : left.poll();
    }

    boolean isUsedUp(String queue) {
      return rest.getOrDefault(queue, new ArrayDeque<>()).isEmpty();
    }

    /** Gives back the slots that were not taken. */
    void freeRest() {
      rest.values().forEach(left -> left.forEach(Slot::putBack));
      rest.clear();
    }
  }

  /** The bytes of inputs that may still be claimed; negative if one weighs more than that. */
  long bytesLeft() {
    return mostBytes - bytes.get();
  }

  /** Whether no claimed execution weighs anything here. */
  boolean holdsNothing() {
    return bytes.get() == 0;
  }

  /** Remembers whether a due execution found no room although its queue had free slots. */
  void cramped(boolean now) {
    cramped = now;
  }

  /** Whether an execution runs here that may be the cause of lost workers. */
  boolean hasSuspect() {
    return suspects.get() > 0;
  }

  /** Remembers whether the queue has more due executions than could be taken. */
  void backlog(String queue, boolean more) {
    Lane lane = lanes.get(queue);
    if (lane != null) {
      lane.backlog = more;
    }
  }

  /** The queues of this worker. */
  Set<String> queues() {
    return lanes.keySet();
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("free slots");
    lanes.forEach(
        (queue, lane) ->
            text.append(' ')
                .append(queue)
                .append('=')
                .append(lane.free)
                .append(lane.backlog ? " (backlog)" : ""));
    return text.toString();
  }
}
