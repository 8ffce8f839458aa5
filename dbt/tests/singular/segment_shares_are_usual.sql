-- The portfolio was bought with these shares; a segment that is further off means a broken rule or a changed market.
{{ config(severity=var('data_test_severity')) }}

with

expected as (

    select * from (
        values
        ('High-Value Travelers', 0.15), ('Stable Mid-Spenders', 0.40), ('Budget-Conscious', 0.25),
        ('Declining', 0.10), ('New & Growing', 0.10)
    ) as shares (customer_segment, share)

),

found as (

    select
        expected.customer_segment,
        expected.share as expected_share,
        count(segments.customer_id) / nullif((select count(*) from {{ ref('customer_segments') }}), 0) as found_share
    from expected
    left join {{ ref('customer_segments') }} as segments on expected.customer_segment = segments.customer_segment
    group by expected.customer_segment, expected.share

)

select *
from found
where abs(found_share - expected_share) > {{ var('segment_share_tolerance') }}
