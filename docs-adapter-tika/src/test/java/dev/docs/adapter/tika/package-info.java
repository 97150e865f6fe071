@NullMarked
package dev.docs.adapter.tika;

import org.jspecify.annotations.NullMarked;
