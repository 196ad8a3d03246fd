/** Trainings as files describe them. */
package io.kinora.training.recipe;
