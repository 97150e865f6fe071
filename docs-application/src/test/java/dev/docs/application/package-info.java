@NullMarked
package dev.docs.application;

import org.jspecify.annotations.NullMarked;
