@NullMarked
package dev.docs.domain;

import org.jspecify.annotations.NullMarked;
