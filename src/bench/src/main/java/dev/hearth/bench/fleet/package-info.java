/** How far do placing, homes and deciding go, with nodes and services that are only numbers? */
@NullMarked
package dev.hearth.bench.fleet;

import org.jspecify.annotations.NullMarked;
