/** Teaches a finished checkpoint what a user's own clips show. */
package io.kinora.training.finetune;
