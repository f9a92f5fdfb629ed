/** What the rooms say to one another: ids, values, ports, messages on Kafka, and error kinds. */
@NullMarked
package dev.hearth.contracts;

import org.jspecify.annotations.NullMarked;
