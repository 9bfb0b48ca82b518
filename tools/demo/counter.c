// The demo's program: one thread finds primes, another counts ticks; all they know is in memory and in registers.
// Each line is: tick, largest prime so far, how many there were, their sum as a double.
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct {
	unsigned long largest;
	unsigned long count;
	double sum;
} found;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int is_prime(unsigned long n)
{
	for (unsigned long d = 2; d * d <= n; d++)
		if (n % d == 0)
			return 0;
	return 1;
}

static void *find(void *unused)
{
	(void)unused;
	for (unsigned long n = 2;; n++) {
		if (!is_prime(n))
			continue;
		pthread_mutex_lock(&lock);
		found.largest = n;
		found.count++;
		found.sum += (double)n;
		pthread_mutex_unlock(&lock);
		if (found.count % 64 == 0)
			usleep(2000);
	}
	return NULL;
}

int main(void)
{
	pthread_t finder;

	if (pthread_create(&finder, NULL, find, NULL))
		return 1;
	for (unsigned long tick = 1;; tick++) {
		pthread_mutex_lock(&lock);
		printf("%lu %lu %lu %.0f\n", tick, found.largest, found.count, found.sum);
		pthread_mutex_unlock(&lock);
		fflush(stdout);
		usleep(200000);
	}
}
