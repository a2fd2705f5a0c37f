package dev.durable.internal.store.worker;

import dev.durable.execution.ErrorInfo;
import dev.durable.internal.store.client.RowReader;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.SqlRunner;
import dev.durable.internal.store.jdbc.SqlRunner.Answer;
import dev.durable.internal.store.jdbc.StatementTemplate;
import dev.durable.internal.store.journal.Ownership;
import dev.durable.internal.store.worker.Lane.Place;
import dev.durable.internal.text.StorableText;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Claims due executions for a worker. Each method runs on the runner of the caller: a claimer keeps
 * a connection only while there is much to do.
 */
public final class ClaimStore {

  /** An execution that cannot be read waits for a person; its completed steps are kept. */
  private static final StatementTemplate PARK =
      new StatementTemplate(
          "ClaimStore.PARK",
          """
      with ${clock}, parked as (
        update ${schema}.workflow_executions e
        set status = 'parked', lock_token = e.lock_token + 1, locked_by = null, wake_at = null,
            error = pg_catalog.jsonb_object(array['type', ?::text, 'message', ?::text]), updated_at = ${time}
        where e.id = ?::uuid and e.lock_token = ?::bigint and ${owned}
        returning e.id
      )
      update ${schema}.step_executions s
      set status = 'failed', completed_at = ${time},
          error = pg_catalog.jsonb_object(array['type', ?::text, 'message', ?::text, 'step', s.path])
      from parked p where s.workflow_id = p.id and s.status = 'running'
      """);

  /** Leaves out executions that others have locked: they are found again as owned and not run. */
  private static final StatementTemplate ADOPT =
      new StatementTemplate(
          "ClaimStore.ADOPT",
          """
      with found as materialized (
        select o.id, o.fingerprint
        from ${rows: id uuid, token bigint, fingerprint text} as o
        cross join lateral (
          select 1 from ${schema}.workflow_executions e
          where e.id = o.id and e.lock_token = o.token and ${owned}
          for no key update skip locked
        ) as e
      )
      update ${schema}.workflow_executions e set fingerprint = f.fingerprint
      from found f where e.id = f.id
      returning e.id
      """);

  public static final List<StatementTemplate> STATEMENTS = List.of(PARK, ADOPT);

  private final ClaimStatement claim;
  private final LimitedClaimStatement limited;
  private final LimitStore limits;
  private final WakeStatement wake;
  private final String park;
  private final String adopt;

  private final SpareRows spare = new SpareRows();
  private final LaneEnds ends = new LaneEnds();

  /**
   * @param schema whose tables
   */
  public ClaimStore(Schema schema) {
    this.claim = new ClaimStatement(schema);
    this.limited = new LimitedClaimStatement(schema);
    this.limits = new LimitStore(schema);
    this.wake = new WakeStatement(schema);
    this.park = schema.of(PARK);
    this.adopt = schema.of(ADOPT);
  }

  /**
   * Claims due executions.
   *
   * @param runner the claimer's
   * @param worker the claiming worker, and the limits that it knows: nothing is taken if a queue
   *     has become limited since
   * @param room the room that it has
   * @param definitions what the worker can run, as {@code name@version}
   * @param editions the same, as {@code name@version#fingerprint}
   * @param onward whether it may go on where the last claim ended: that passes over executions that
   *     have become due since and come before, but costs nothing for those that were claimed
   */
  public Claim claim(
      SqlRunner runner,
      KnownLimits worker,
      ClaimRoom room,
      List<String> definitions,
      List<String> editions,
      boolean onward) {
    List<Edition> runs = Edition.all(definitions, editions);
    Map<Lane, Place> begins = onward ? ends.all() : Map.of();
    ClaimReader.Look look;
    do {
      look = claim.claim(runner, worker, room, runs, spare.count(), begins);
    } while (look.claim().taken().isEmpty() && look.beyond() && spare.lookFarther());
    spare.note(look.beyond());
    return ends.note(begins, look, room) ? look.claim().withMore() : look.claim();
  }

  /**
   * Claims due executions of limited queues, which {@link #claim} leaves out.
   *
   * @param room the room that the worker has in these queues
   */
  public LimitedClaim claimLimited(
      SqlRunner runner,
      UUID worker,
      ClaimRoom room,
      List<String> definitions,
      List<String> editions) {
    List<Edition> runs = Edition.all(definitions, editions);
    return LimitedClaim.of(limited.claim(runner, worker, room, runs, room.free().keySet()));
  }

  /** Reads the limits that a worker has to know; null if it is dead. */
  public @Nullable KnownLimits limits(SqlRunner runner, UUID worker) {
    return limits.known(runner, worker);
  }

  /** Enforces limits that the claim has found not to be, and marks what it has found unmarked. */
  public void keepInOrder(SqlRunner runner, LimitedClaim claim) {
    claim.unenforced().forEach(queue -> limits.enforce(runner, queue));
    claim.unmarked().forEach(queue -> limits.mark(runner, queue));
  }

  /**
   * Puts some executions that have slept and are due in their place among the rest. For when a
   * claim has reported a crowd.
   */
  public void wake(
      SqlRunner runner,
      UUID worker,
      Collection<String> queues,
      List<String> definitions,
      List<String> editions) {
    wake.wake(runner, worker, queues, Edition.all(definitions, editions));
  }

  /**
   * Notes which definition moves executions from now on. That is committed before a body of it
   * begins: the next definition is then checked against what this one has done.
   *
   * @return the executions for which it is noted
   */
  public Set<UUID> adopt(SqlRunner runner, List<Adoption> adoptions) {
    List<Adoption> ordered =
        adoptions.stream().sorted(Comparator.comparing(a -> a.owner().id().toString())).toList();
    return Set.copyOf(
        runner.query(
            "note the definition that moves executions",
            adopt,
            bind ->
                bind.uuids(ordered, a -> a.owner().id())
                    .longs(ordered, a -> a.owner().token())
                    .texts(ordered, Adoption::fingerprint),
            Answer.all(RowReader::id)));
  }

  /** Parks an execution, if it still belongs to that owner. */
  public void park(SqlRunner runner, Ownership owner, String why) {
    runner.update(
        "park execution " + owner.id(),
        park,
        bind ->
            bind.now()
                .text(ErrorInfo.UNREADABLE)
                .text(StorableText.storable(why))
                .uuid(owner.id())
                .number(owner.token())
                .text(ErrorInfo.UNREADABLE)
                .text("It was parked: its execution cannot be read."));
  }
}
