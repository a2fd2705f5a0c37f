package dev.durable.internal.store.schedule;

import dev.durable.internal.store.jdbc.Parameters;
import java.sql.SQLException;
import java.util.List;

/**
 * A schedule whose input the code of a worker makes.
 *
 * @param name its name
 * @param workflow the name of the workflow that the input is for
 */
public record Declaration(String name, String workflow) {

  /** Binds the parameters of {@link ScheduleSql#MADE}. */
  static Parameters bind(Parameters bind, List<Declaration> declared) throws SQLException {
    return bind.texts(declared, Declaration::name).texts(declared, Declaration::workflow);
  }
}
