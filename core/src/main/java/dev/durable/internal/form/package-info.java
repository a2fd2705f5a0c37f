/** Options that a lambda fills in. Begin with {@link dev.durable.internal.form.Form}. */
@NullMarked
package dev.durable.internal.form;

import org.jspecify.annotations.NullMarked;
