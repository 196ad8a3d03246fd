/** Prompts on their way to clips. Knows neither Kafka nor HTTP. */
package io.kinora.actors.render;
