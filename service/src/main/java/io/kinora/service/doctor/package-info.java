/** Looks at a machine before Kinora is run on it: what is there, what is missing, and what to do about it. */
package io.kinora.service.doctor;
