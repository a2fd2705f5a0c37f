package dev.durable.internal.node;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** How many executions each queue of this node may still take. */
public final class Slots {

  private static final int MAX_CLAIM = 500;
  private static final int PROBE = 16;

  private final Map<String, Lane> lanes = new LinkedHashMap<>();
  private volatile Runnable onFree = () -> {};

  /**
   * @param concurrency the number of slots of each queue
   */
  public Slots(Map<String, Integer> concurrency) {
    concurrency.forEach((queue, limit) -> lanes.put(queue, new Lane(limit)));
  }

  /** One queue. */
  private static final class Lane {
    final AtomicInteger free;
    final AtomicInteger exits;
    volatile boolean backlog;

    Lane(int limit) {
      this.free = new AtomicInteger(limit);
      this.exits = new AtomicInteger(limit);
    }
  }

  /** What a slot's execution is doing. */
  private enum Stay {
    RUNNING,
    LEAVING,
    LEFT
  }

  /** The right to run one execution. */
  public final class Slot {
    private final Lane lane;
    private final AtomicReference<Stay> stay = new AtomicReference<>(Stay.RUNNING);

    private Slot(Lane lane) {
      this.lane = lane;
    }

    /**
     * Nothing of the execution is left to run, only its end is to be committed: another one may
     * begin meanwhile. No more may be on their way out than may run, or they would fill the heap
     * when the database is slow.
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

    /** It has left: gives the right back; a second call does nothing. */
    public void free() {
      switch (stay.getAndSet(Stay.LEFT)) {
        case RUNNING -> giveBack();
        case LEAVING -> lane.exits.incrementAndGet();
        case LEFT -> {}
      }
    }

    private void giveBack() {
      lane.free.incrementAndGet();
      if (lane.backlog) {
        onFree.run();
      }
    }
  }

  /** Called whenever a slot is freed in a queue that has a backlog. */
  void onFree(Runnable listener) {
    this.onFree = listener;
  }

  /** Whether this node works on the queue. */
  public boolean serves(String queue) {
    return lanes.containsKey(queue);
  }

  /** A slot for a new execution; null if there is none, or if older ones wait in the queue. */
  public @Nullable Slot tryTake(String queue) {
    Lane lane = lanes.get(queue);
    return lane == null || lane.backlog ? null : take(lane);
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
   */
  Map<String, List<Slot>> reserve() {
    Map<String, List<Slot>> reserved = new LinkedHashMap<>();
    lanes.forEach(
        (queue, lane) -> {
          int free = lane.free.get();
          int wanted = Math.min(MAX_CLAIM, lane.backlog ? free : PROBE);
          List<Slot> slots = new ArrayList<>();
          for (int i = 0; i < wanted; i++) {
            Slot slot = take(lane);
            if (slot != null) {
              slots.add(slot);
            }
          }
          if (slots.isEmpty()) {
            lane.backlog = true;
          } else {
            reserved.put(queue, slots);
          }
        });
    return reserved;
  }

  /** Remembers whether more waits in the queue than could be taken. */
  void backlog(String queue, boolean more) {
    Lane lane = lanes.get(queue);
    if (lane != null) {
      lane.backlog = more;
    }
  }

  /** The queues of this node. */
  Set<String> queues() {
    return lanes.keySet();
  }
}
