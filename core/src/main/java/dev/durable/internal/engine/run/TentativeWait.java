package dev.durable.internal.engine.run;

import dev.durable.internal.store.client.MailboxStore.Signal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A wait that is decided, but will be committed with the end of its attempt.
 *
 * @param open the wait; null if it has no row yet
 * @param reminders the reminders that end with it, by path
 * @param taken the signals that decided it
 */
public record TentativeWait(
    String path,
    @Nullable PendingWait open,
    Map<String, PendingWait> reminders,
    List<Signal> taken) {}
