/** Documents and tokens in a relational database, H2 or PostgreSQL; {@link dev.docs.adapter.jdbi.Database} opens one. */
@NullMarked
package dev.docs.adapter.jdbi;

import org.jspecify.annotations.NullMarked;
