/**
 * Random histories on the whole product and on a {@linkplain dev.docs.app.model.Reference simple model} of it, step by
 * step: the same answers, and now and then the same whole state. A history that tells them apart is made as short and
 * as simple as it can be before it is shown.
 *
 * <p>Every build runs some. More, or one again:
 *
 * <pre>{@code mvn test -pl docs-app -am -Dtest='ReferenceModelTest' -Dsurefire.failIfNoSpecifiedTests=false
 *     -Ddocs.model.histories=2000 -Ddocs.model.seed=1}</pre>
 */
@NullMarked
package dev.docs.app.model;

import org.jspecify.annotations.NullMarked;
