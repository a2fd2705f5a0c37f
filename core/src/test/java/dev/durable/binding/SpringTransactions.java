package dev.durable.binding;

import dev.durable.TransactionBinding;
import java.sql.Connection;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.transaction.ConfigurableTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.DefaultTransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** Takes part in Spring's transactions on a DataSource. */
public final class SpringTransactions implements TransactionBinding, TransactionExecutionListener {

  private final DataSource dataSource;
  private final PlatformTransactionManager manager;

  /** Spring still shows a transaction that is committed, while callbacks follow its commit. */
  private final Set<Object> ended =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

  public SpringTransactions(DataSource dataSource, PlatformTransactionManager manager) {
    this.dataSource = dataSource;
    this.manager = manager;
    ((ConfigurableTransactionManager) manager).addListener(this);
  }

  @Override
  public Optional<Connection> current() {
    Object held = TransactionSynchronizationManager.getResource(dataSource);
    boolean active =
        held != null
            && TransactionSynchronizationManager.isActualTransactionActive()
            && TransactionSynchronizationManager.isSynchronizationActive()
            && !ended.contains(held);
    return active ? Optional.of(DataSourceUtils.getConnection(dataSource)) : Optional.empty();
  }

  @Override
  public <R> R inNewTransaction(Work<R> work) throws Exception {
    TransactionStatus status =
        manager.getTransaction(
            new DefaultTransactionDefinition(TransactionDefinition.PROPAGATION_REQUIRES_NEW));
    R result;
    try {
      result = work.on(DataSourceUtils.getConnection(dataSource));
    } catch (Throwable failure) {
      manager.rollback(status);
      throw failure;
    }
    manager.commit(status);
    return result;
  }

  @Override
  public void beforeCommit(TransactionExecution transaction) {
    Object held = TransactionSynchronizationManager.getResource(dataSource);
    if (held != null) {
      ended.add(held);
    }
  }
}
