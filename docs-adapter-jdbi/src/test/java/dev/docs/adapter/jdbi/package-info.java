@NullMarked
package dev.docs.adapter.jdbi;

import org.jspecify.annotations.NullMarked;
