@NullMarked
package dev.docs.conformance;

import org.jspecify.annotations.NullMarked;
