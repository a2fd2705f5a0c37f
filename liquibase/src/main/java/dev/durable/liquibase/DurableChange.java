package dev.durable.liquibase;

import dev.durable.migration.DurableMigration;
import dev.durable.migration.MigrationScript;
import java.util.List;
import liquibase.change.custom.CustomSqlChange;
import liquibase.change.custom.CustomSqlRollback;
import liquibase.database.Database;
import liquibase.exception.ValidationErrors;
import liquibase.resource.ResourceAccessor;
import liquibase.statement.SqlStatement;
import liquibase.statement.core.RawParameterizedSqlStatement;

/**
 * Brings Durable's tables from one version to another, and back, as a change of the host
 * application's Liquibase change log:
 *
 * <pre>{@code
 * <changeSet id="add-durable" author="you">
 *   <customChange class="dev.durable.liquibase.DurableChange">
 *     <param name="to" value="20260104000000"/>
 *   </customChange>
 * </changeSet>
 * }</pre>
 *
 * <p>It consists of SQL statements, so {@code update-sql} and {@code rollback-sql} show them. Their
 * first ones refuse a database that is not at the version they start from. A change set to a
 * version that builds indexes concurrently needs {@code runInTransaction="false"}; {@code durable
 * gen-upgrade} writes one of its own for it.
 */
public final class DurableChange implements CustomSqlChange, CustomSqlRollback {

  private String prefix = DurableMigration.DEFAULT_PREFIX;
  private String from = "0";
  private String to = "";

  /** The PostgreSQL schema, as its plain name. Default: durable. */
  public void setPrefix(String prefix) {
    this.prefix = prefix;
  }

  /** The version to start from, and to return to in a rollback. Default: 0, no tables yet. */
  public void setFrom(String from) {
    this.from = from;
  }

  /** The version to migrate to, inclusive. Required. */
  public void setTo(String to) {
    this.to = to;
  }

  @Override
  public SqlStatement[] generateStatements(Database database) {
    return sql(script().upStatements());
  }

  @Override
  public SqlStatement[] generateRollbackStatements(Database database) {
    return sql(script().downStatements());
  }

  @Override
  public ValidationErrors validate(Database database) {
    ValidationErrors errors = new ValidationErrors();
    try {
      script().upStatements();
    } catch (IllegalArgumentException | IllegalStateException wrong) {
      errors.addError(wrong.getMessage());
    }
    return errors;
  }

  @Override
  public String getConfirmationMessage() {
    return "Durable schema \"" + prefix + "\" migrated from " + from + " to " + to;
  }

  @Override
  public void setUp() {}

  @Override
  public void setFileOpener(ResourceAccessor files) {}

  private MigrationScript script() {
    return DurableMigration.script(prefix).from(version("from", from)).to(version("to", to));
  }

  private static long version(String parameter, String value) {
    try {
      return Long.parseLong(value.strip());
    } catch (NumberFormatException noNumber) {
      throw new IllegalArgumentException(
          "The parameter \""
              + parameter
              + "\" must be one of the versions "
              + DurableMigration.allVersions()
              + ", not \""
              + value
              + "\".",
          noNumber);
    }
  }

  private static SqlStatement[] sql(List<String> statements) {
    return statements.stream().map(RawParameterizedSqlStatement::new).toArray(SqlStatement[]::new);
  }
}
