/** The embedded Kafka: a real KRaft broker in a child JVM that never outlives its parent. */
@NullMarked
package dev.hearth.standalone.kafka;

import org.jspecify.annotations.NullMarked;
