/** What is counted and timed while Kinora serves, under the names that dashboards know. */
package io.kinora.actors.metrics;
